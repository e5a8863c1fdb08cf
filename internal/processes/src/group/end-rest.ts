import { setTimeout as pause } from "node:timers/promises";
import { type ProcessRecord, type RecordState, stateOf } from "../process-record.ts";
import { signalRecorded } from "../signal-group.ts";
import { endEscaped } from "./end-escaped.ts";

/** How long to wait for the end after SIGKILL, ms. Only a process that is stuck in the kernel takes longer. */
const forceMs = 2_000;

/**
 * Ends by force what is left of a recorded group, in the group and outside of it; with its leader, if that still runs.
 * `markVariable` has the record's id in each of its processes. Resolves with whether nothing of it runs any more. A group
 * whose number is another one's by now is not signalled.
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
