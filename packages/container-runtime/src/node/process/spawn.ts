import { randomUUID } from "node:crypto";
import { type ChildExit, type ProcessRecord, recordOf, startGate } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { Container } from "../../runtime.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import { markVariable, recordedLabel } from "./process-container.ts";
import { openLog } from "./log-file.ts";
import { placeFiles } from "./place-files.ts";
import type { Registry } from "./registry.ts";

/**
 * Starts a container from a checked spec. Its process waits in a gate until its record is on disk, so a host
 * that is killed during the start leaves no process without a record.
 */
export const spawnRecorded = async (
  registry: Registry,
  spec: WorkloadSpec,
  start: typeof startGate = startGate,
): Promise<RuntimeResult<Container>> => {
  const { label, logFile, account } = spec;
  const placed = await placeFiles(spec.files, account);
  if (!placed.ok) return placed;
  const log = await openLog(logFile);
  if (typeof log === "string") return fail(spawnFailed(`The log ${logFile} cannot be opened: ${log}.`));
  const gate = await start({ ...spec, output: log.handle.fd, account });
  await log.handle.close();
  if (typeof gate === "string") return fail(spawnFailed(`No process can be started: ${gate}.`));
  const recorded = { label, logFile, logFrom: log.from, folder: spec.files.folder };
  const rest = { id: randomUUID(), account, token: label.token, label: recordedLabel(recorded) };
  const record = recordOf(gate.pid, rest);
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
