import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { signalRecorded, type ProcessRecord } from "@gatehouse/processes/records";
import { fail, ok, systemCode } from "@gatehouse/std";
import { type Cannot, isRequired, malformed, unmetBy, unsupported } from "../../check-spec.ts";
import { checkFiles } from "../../files-in.ts";
import type { Container, ContainerRuntime } from "../../runtime.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import { sandboxCommand } from "../../sandbox-command.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { holdMounts } from "../mounts/hold-mounts.ts";
import { giveFolder } from "../mounts/give-folder.ts";
import { placedFiles } from "../mounts/placed-files.ts";
import { userOf } from "../process/account.ts";
import { containerRegistry, type RecordKind, type Registry } from "../process/registry.ts";
import { startRecorded } from "../process/spawn.ts";
import type { RuntimeOptions } from "../../runtime.ts";
import { findPrograms } from "./probe-sandbox.ts";

/** The abilities that a sandbox lacks. */
const cannotBySandbox: Cannot = {
  image: "A sandbox runs the machine's own programs.",
  cpus: "A sandbox gets no share of the processors of its own.",
  memoryMb: "A sandbox gets no share of the memory of its own.",
};

/**
 * A runtime whose containers are sandboxes of bubblewrap: the machine's programs, read-only, with the workload's own
 * folders and nothing else of the machine (seen with bubblewrap 0.8.0). A host that runs as root starts them as account
 * 1000, as it does with containers.
 */
export const sandboxRuntime = (options: RuntimeOptions): ContainerRuntime => {
  const { folder, install } = options;
  const placedIn = (sessionId: string): string => join(folder, "placed", encodeURIComponent(sessionId));
  const registry = containerRegistry(options, kindIn(placedIn));
  return {
    name: "sandbox",
    cannot: cannotBySandbox,
    // A sandbox sees the session's folder where the host has it.
    folderOf: ({ hostFolder }) => Promise.resolve(ok(hostFolder)),
    spawn: async (spec) => {
      if (spec.label.install !== install)
        throw new TypeError(`The runtime of ${install} starts nothing for ${spec.label.install}.`);
      const refused = specProblem(spec);
      return refused === null ? spawn(registry, spec, placedIn(spec.label.sessionId)) : fail(refused);
    },
    running: registry.running,
    close: () => Promise.resolve(registry.close()),
  };
};

const kindIn = (placedIn: (sessionId: string) => string): RecordKind => ({
  replaceFiles: ({ label: { uid, gid } }, { label }) => {
    const user = { uid: Number(uid), gid: Number(gid) };
    return (files) => placedFiles(placedIn(label.sessionId)).replace(files, user);
  },
  terminate: (record: ProcessRecord) =>
    terminateProgram(record.process.pid, () => signalRecorded(record, "TERM")),
});

/** The error if no sandbox can be started for this spec; null if one can. Nothing was created so far. */
const specProblem = (spec: WorkloadSpec): RuntimeError | null => {
  const wrong = malformed(spec);
  if (wrong !== null) return wrong;
  // Programs around the sandbox get the same environment, and a host that runs as root starts one of them as root.
  const loading = Object.keys(spec.env).find((name) => /^(?:LD_|GLIBC_TUNABLES$)/.test(name));
  if (loading !== undefined) return unsupported(`No sandbox gets the variable ${loading}, which loads code.`);
  const unmet = unmetBy(spec, cannotBySandbox).find(({ ability }) => isRequired(ability));
  if (unmet !== undefined) return unsupported(unmet.reason, "Use a runtime with containers.");
  const files = checkFiles(spec.files);
  return files.ok ? null : files.error;
};

const spawn = async (
  registry: Registry,
  spec: WorkloadSpec,
  placed: string,
): Promise<RuntimeResult<Container>> => {
  const user = await userOf(spec.account);
  if (!user.ok) return user;
  const programs = await findPrograms(user.value);
  if (!programs.ok) return programs;
  const held = await holdMounts(spec.mounts);
  if (!held.ok) return held;
  const places = placedFiles(placed, registry.report);
  const placing = await places.start(spec.files, user.value);
  if (!placing.ok) {
    await held.value.release();
    return placing;
  }
  await giveFolder(spec.folder, user.value);
  const command = sandboxCommand({
    ...programs.value,
    spec,
    placed: places.mounts(spec.files.folder),
    identities: held.value.identities,
  });
  const started = await startRecorded(registry, {
    spec,
    command,
    folder: "/",
    account: null,
    user: user.value,
    // A sandbox's processes end with the first process of its pid namespace.
    cgroup: null,
  });
  // The numbers of held files cannot be reused before the program compares them.
  if (started.ok) started.value.onExit(() => void held.value.release());
  else await held.value.release();
  return started;
};

/**
 * Sends SIGTERM to the program of a sandbox. The processes of bubblewrap around it do not pass signals on: they would end
 * at once, and the program would have no time. If there is no program yet, `otherwise` ends what is there.
 * Resolves to null, or to the error.
 */
const terminateProgram = async (
  leader: number,
  otherwise: () => Promise<string | null>,
): Promise<string | null> => {
  const program = await programBelow(leader);
  if (program === null) return otherwise();
  try {
    process.kill(program, "SIGTERM");
    return null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ESRCH" ? null : code;
  }
};

/** The first process below a leader that is none of bubblewrap: the oldest child of the namespace's first process. */
const programBelow = async (leader: number): Promise<number | null> => {
  for (let pid: number | null = leader; pid !== null; pid = await firstChildOf(pid))
    if (pid !== leader && (await nameOf(pid)) !== "bwrap") return pid;
  return null;
};

const nameOf = async (pid: number): Promise<string> => (await textOf(`/proc/${pid}/comm`)).trim();

const firstChildOf = async (pid: number): Promise<number | null> => {
  const [first = ""] = (await textOf(`/proc/${pid}/task/${pid}/children`)).split(" ");
  return first === "" ? null : Number(first);
};

/** Empty for a process that has ended. */
const textOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    systemCode(error);
    return "";
  }
};
