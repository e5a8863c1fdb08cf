import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { type ProcessRecord, type RecordState, stateOf } from "../process-record.ts";
import { signalRecorded } from "../signal.ts";
import { endMarked } from "../marked-processes.ts";
import { endCgroup } from "./cgroup.ts";
import { runAs, shell } from "./run-as.ts";

/** Timeout after SIGKILL, ms. On a busy machine, a killed process waits for its turn to end. */
const forceMs = 10_000;

/**
 * Kills the remaining processes of a recorded group, inside and outside of the group, and its leader if the leader
 * still runs. They are in the record's cgroup, or have the record's id in `markVariable`. Resolves to true if none of
 * them runs any more. Never signals a later group with the same number.
 */
export const endRest = async (record: ProcessRecord, markVariable: string): Promise<boolean> => {
  const isCgroupGone = record.cgroup === undefined || (await endCgroup(record.cgroup));
  const isGroupGone = await endGroupOf(record);
  return (await endEscaped(record, markVariable)) && isGroupGone && isCgroupGone;
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

/**
 * Ends marked processes of another account, in a shell of that account: the host's account cannot read their
 * environment.
 */
const endScript = `
for __round in 1 2 3 4 5 6 7 8 9 10; do
  __found=
  for __dir in /proc/[0-9]*; do
    [ "\${__dir#/proc/}" = $$ ] || ! grep -qzxF "$1" "$__dir/environ" 2>/dev/null ||
      { __found=1; kill -s KILL "\${__dir#/proc/}"; }
  done
  [ -n "$__found" ] || exit 0
  [ $__round -lt 5 ] || sleep 1
done
exit 1
`;

/**
 * Ends the processes that made their own session (setsid), and so left the group of a record. They are found
 * by the variable with the record's id, which Linux shows. Resolves to true if none is left.
 */
export const endEscaped = async (
  { id, account }: Pick<ProcessRecord, "id" | "account">,
  markVariable: string,
): Promise<boolean> => {
  if (process.platform !== "linux") return true;
  if (account !== null && process.getuid?.() !== 0)
    return (await runAs(account, [shell, "-c", endScript, "end", `${markVariable}=${id}`])) === null;
  return endMarked(markVariable, id);
};
