import { setTimeout as pause } from "node:timers/promises";
import { type ProcessRecord, type RecordState, stateOf } from "../process-record.ts";
import { signalRecorded } from "../signal-group.ts";
import { endEscaped } from "./end-escaped.ts";

/** Timeout after SIGKILL, ms. Only a process that is stuck in the kernel takes longer. */
const forceMs = 2_000;

/**
 * Kills the remaining processes of a recorded group, inside and outside of the group, and its leader if that
 * still runs. Each of them has the record's id in `markVariable`. Resolves to true if no process runs any
 * more. If another group has the number by now, it is not signalled.
 */
export const endRest = async (record: ProcessRecord, markVariable: string): Promise<boolean> => {
  const isGroupGone = await endGroupOf(record);
  return (await endEscaped(record, markVariable)) && isGroupGone;
};

const endGroupOf = async (record: ProcessRecord): Promise<boolean> => {
  const deadline = performance.now() + forceMs;
  if (isThere(stateOf(record))) await signalRecorded(record, "KILL");
  while (isThere(stateOf(record))) {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  return true;
};

const isThere = (state: RecordState): boolean => state === "running" || state === "left-behind";
