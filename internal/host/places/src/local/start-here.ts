import {
  explainInstructions,
  groupFolder,
  makeGroupFolder,
  writeInstructionFiles,
} from "@gatehouse/group-workspace";
import { makeFolder } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { readAgentFiles, sessionFolder, type Place, type Workload } from "@gatehouse/workloads";
import type { ContainerRuntime, WorkloadSpec } from "@nc/container-runtime";
import type { DialPlace } from "@gatehouse/wire";
import type { PlaceHost } from "../chosen-place.ts";
import type { ProgramsOf } from "./programs.ts";
import { specOf } from "./spec-of.ts";

export type LocalDeps = Pick<PlaceHost, "dataDir" | "inTheWay" | "install" | "makesGroups"> & {
  /** The address to which runners connect. */
  readonly dial: DialPlace;
  readonly programsOf: ProgramsOf;
  readonly runtime: ContainerRuntime;
};

/**
 * Starts workloads on this machine: those of its own host, and on a machine that dials in those of another one. It resolves
 * what needs a path of this machine, writes the group's instructions, and makes the folders.
 */
export const startHere =
  (deps: LocalDeps): Place["start"] =>
  async (wanted, token) => {
    const { install, runtime, dial } = deps;
    const spec = await specHere(deps, { ...wanted, label: { ...wanted.label, install } });
    if (!spec.ok) return fail({ code: "spawn-failed", message: spec.error });
    // A pin is no secret, but stdin is as safe for it as for the token.
    const input = dial.pin === null ? token : `${token}\n${dial.pin}`;
    return runtime.spawn({ ...spec.value, input });
  };

const specHere = async (deps: LocalDeps, workload: Workload): Promise<Result<WorkloadSpec, string>> => {
  const { dataDir, runtime } = deps;
  const { label, folder, instructed, here } = workload;
  const { account, personFolder } = here;
  const made = deps.makesGroups ? await makeGroupFolder(dataDir, folder) : ok(folder);
  if (!made.ok && made.error.code !== "folder-left-over")
    return fail(`The group's folder cannot be created: ${made.error.path} (${made.error.detail}).`);
  const written = await writeInstructionFiles({ dataDir, folder }, instructed, here.providers);
  if (!written.ok) return fail(explainInstructions(written.error).message);
  await deps.inTheWay?.(label.groupId, written.value.notes);
  // With the log, and the files for agents of the host's account.
  const hostFolder = sessionFolder({ dataDir }, label.groupId, label.sessionId);
  const refused = await makeFolder(hostFolder, 0o700).then(() => null, systemCode);
  if (refused !== null) return fail(`The session's folder cannot be created (${refused}).`);
  const ofAccount = await readAgentFiles({ dataDir, groupFolder: folder, account, personFolder }, []);
  if (!ofAccount.ok) return ofAccount;
  const placed = await runtime.folderOf({ sessionId: label.sessionId, account, hostFolder });
  if (!placed.ok) return fail(placed.error.message);
  const programs = await deps.programsOf(workload);
  if (!programs.ok) return programs;
  return ok(
    specOf({
      ...workload,
      ...ofAccount.value,
      ...programs.value,
      mounts: here.mounts,
      folder: placed.value,
      hostFolder,
      groupFolder: groupFolder(dataDir, folder),
      hasMounts: runtime.cannot.mountTargets === undefined,
    }),
  );
};
