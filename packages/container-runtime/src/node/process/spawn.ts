import { randomUUID } from "node:crypto";
import {
  type ChildExit,
  endCgroup,
  makeCgroup,
  type ProcessRecord,
  recordOf,
  startGate,
} from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { Container } from "../../runtime.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { AccountIds } from "./account.ts";
import { markVariable, recordedLabel } from "./process-container.ts";
import { openLog } from "./log-file.ts";
import { placeFiles } from "./place-files.ts";
import type { Registry } from "./registry.ts";

/** Starts a container from a checked spec: places its files, then starts its program. */
export const spawnRecorded = async (
  registry: Registry,
  spec: WorkloadSpec,
  start: typeof startGate = startGate,
): Promise<RuntimeResult<Container>> => {
  const placed = await placeFiles(spec.files, spec.account, registry.report);
  if (!placed.ok) return placed;
  const cgroup = makeCgroup(cgroupPrefix(spec.label.install));
  const started = await startRecorded(registry, { spec, ...spec, user: null, cgroup }, start);
  if (!started.ok && cgroup !== null) await endCgroup(cgroup);
  return started;
};

/** How the names of an installation's cgroups begin. */
export const cgroupPrefix = (install: string): string => `gatehouse-${install}-`;

/** A program to start for a spec. */
export type RecordedStart = {
  readonly spec: Pick<WorkloadSpec, "env" | "files" | "input" | "label" | "logFile">;
  readonly command: WorkloadSpec["command"];
  /** The folder in which the command starts. */
  readonly folder: string;
  /** The account that a sudo rule lets this process use; null for none. */
  readonly account: string | null;
  /** The owner of its files, for its record; null if the record's account is. */
  readonly user: AccountIds | null;
  /** Folder of a cgroup for its processes; null for none. */
  readonly cgroup: string | null;
};

/**
 * Starts a program. Its process waits in a gate until its record is on disk, so a host that is killed during the start
 * leaves no process without a record.
 */
export const startRecorded = async (
  registry: Registry,
  { spec, command, folder, account, user, cgroup }: RecordedStart,
  start: typeof startGate = startGate,
): Promise<RuntimeResult<Container>> => {
  const { label, logFile } = spec;
  const log = await openLog(logFile, registry.report);
  if (typeof log === "string") return fail(spawnFailed(`The log ${logFile} cannot be opened: ${log}.`));
  const gate = await start({ command, folder, output: log.handle.fd, account, cgroup });
  await log.handle.close();
  if (typeof gate === "string") return fail(spawnFailed(`No process can be started: ${gate}.`));
  const recorded = { label, logFile, logFrom: log.from, folder: spec.files.folder };
  const fields = { ...recordedLabel(recorded), ...(user === null ? {} : { uid: user.uid, gid: user.gid }) };
  const record = recordOf(gate.pid, {
    id: randomUUID(),
    account,
    token: label.token,
    label: fields,
    ...(cgroup === null ? {} : { cgroup }),
  });
  const refused = record === null ? null : await write(registry, record);
  if (record === null || refused !== null) {
    await gate.close();
    return fail(refused ?? endedAtOnce(await gate.exited));
  }
  const container = registry.started(record, recorded, gate);
  gate.open({ ...spec.env, [markVariable]: record.id }, spec.input ?? "");
  return ok(container);
};

const write = async (
  { announce, records }: Registry,
  record: ProcessRecord,
): Promise<RuntimeError | null> => {
  announce(record.id);
  const added = await records.add(record);
  return added.ok ? null : { code: "record-unwritable", message: added.error.message };
};

const endedAtOnce = ({ signal }: ChildExit): RuntimeError =>
  signal === null
    ? spawnFailed("The process ended at once.")
    : { code: "killed", message: `${signal} ended the process before its program began.` };

const spawnFailed = (message: string): RuntimeError => ({ code: "spawn-failed", message });
