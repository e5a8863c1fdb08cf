import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fail, ok } from "@gatehouse/std";
import type { Container } from "../../runtime.ts";
import type { FilesIn } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import { userOf } from "../process/account.ts";
import { createBody } from "./create-body.ts";
import type { EngineCalls } from "./engine-calls.ts";
import { holdMounts } from "../mounts/hold-mounts.ts";
import type { MountIdentity } from "../../begin-command.ts";
import { type EngineRecord, labelsOf } from "./engine-labels.ts";
import type { EngineRegistry } from "./engine-registry.ts";
import type { EngineFacts } from "./probe-engine.ts";
import { startWithin } from "./process-limits.ts";
import { giveFolder } from "../mounts/give-folder.ts";
import { placedFiles } from "../mounts/placed-files.ts";

type Start = {
  readonly spec: WorkloadSpec;
  /** The folder of the host for the session's files that the host may replace. */
  readonly placed: string;
  readonly calls: EngineCalls;
  readonly registry: EngineRegistry;
  /** The engine's name of the OCI runtime; null for its default. */
  readonly ociRuntime: string | null;
  readonly facts: Pick<EngineFacts, "cannot" | "isRootlessPodman">;
  /** The limits from `processLimits` that the engine has not refused yet. */
  readonly limits: number[];
};

/** The file with the program's standard input, in the workload's folder. It is removed before the program runs. */
const inputName = ".input";

/** Places the spec's files, makes its container, and starts it. Rejects with a `NoEngine`. */
export const startContainer = async (start: Start): Promise<RuntimeResult<Container>> => {
  await start.registry.isWatching();
  const held = await holdMounts(start.spec.mounts);
  if (!held.ok) return held;
  try {
    return await startWith(start, held.value.identities);
  } finally {
    await held.value.release();
  }
};

const startWith = async (
  { spec, placed, calls, registry, ociRuntime, facts, limits }: Start,
  identities: readonly MountIdentity[],
): Promise<RuntimeResult<Container>> => {
  const { label, logFile, input, files } = spec;
  // Docker 20.10 without its bridge starts this container anyway, without any network.
  const missing = spec.network === "open" ? await calls.missingBridge() : null;
  if (missing !== null) return fail(noBridge(missing));
  const user = await userOf(spec.account);
  if (!user.ok) return user;
  const places = placedFiles(placed, registry.report);
  const placing = await places.start(input === undefined ? files : withInput(files, input), user.value);
  if (!placing.ok) return placing;
  await giveFolder(spec.folder, user.value);
  const record: EngineRecord = { label, placed, logFile, user: user.value };
  const begun = await startWithin(limits, async (processes) => {
    const made = await calls.create(
      nameOf(label),
      createBody({
        spec,
        user: user.value,
        labels: labelsOf(record),
        mounts: places.mounts(files.folder),
        inputFile: input === undefined ? null : join(files.folder, inputName),
        identities,
        processes,
        ociRuntime,
        ...facts,
      }),
    );
    return made.ok ? begin(made.value, record, { calls, registry }) : made;
  });
  return begun.ok ? begun : fail(ociRuntimeProblem(networkProblem(begun.error, spec), ociRuntime));
};

/** Starts a created container. Removes it if it cannot be started. */
const begin = async (
  id: string,
  record: EngineRecord,
  { calls, registry }: Pick<Start, "calls" | "registry">,
): Promise<RuntimeResult<Container>> => {
  const isStarting = registry.starting(id);
  try {
    const began = await calls.start(id);
    if (began.ok) return ok(await registry.started(id, record));
    await calls.remove(id);
    return began;
  } finally {
    isStarting.over();
  }
};

const withInput = (files: FilesIn, content: string): FilesIn => ({
  ...files,
  entries: [...files.entries, { kind: "file", path: inputName, mode: 0o600, content }],
});

/** The container's name, for people only: hosts find containers by label. Engines allow letters, digits and `_.-`. */
const nameOf = ({ sessionId, incarnation }: WorkloadSpec["label"]): string =>
  `gatehouse-${sessionId.replaceAll(/[^\w.-]/gu, "_")}-${incarnation}-${randomBytes(3).toString("hex")}`;

/** Matches the message of an engine that cannot connect a container. Podman names its helper, such as netavark. */
const aboutNetwork = /\b(?:networks?|bridge|netavark|aardvark|CNI|slirp4netns|pasta|iptables|nftables?)\b/i;

/** The error of a refused start. If the network is the cause, the message says so, and how to repair it. */
export const networkProblem = (
  error: RuntimeError,
  { network }: Pick<WorkloadSpec, "network">,
): RuntimeError =>
  network === "open" && error.code === "spawn-failed" && aboutNetwork.test(error.message)
    ? noBridge(error.message)
    : error;

/** The error for a container with the network `open` and no bridge. `reason` is the engine's message. */
const noBridge = (reason: string): RuntimeError => ({
  code: "unsupported",
  message: `The engine has no bridge network for a container with network open. ${sentence(reason)} Repair the engine's network, or give the group the network gateway again.`,
});

const sentence = (text: string): string => text.trim().replace(/[.]?$/, ".");

/** The error of a refused start. If the engine does not know the OCI runtime, the message names it. */
export const ociRuntimeProblem = (error: RuntimeError, ociRuntime: string | null): RuntimeError =>
  ociRuntime !== null && error.code === "spawn-failed" && error.message.includes(ociRuntime)
    ? {
        code: "unsupported",
        message: `The engine cannot use the OCI runtime "${ociRuntime}". ${error.message}`,
        fix: "Add it to the engine's configuration, or name another one.",
      }
    : error;
