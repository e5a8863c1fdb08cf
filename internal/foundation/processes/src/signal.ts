import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { runAs, shell } from "./group/run-as.ts";
import type { ProcessRecord } from "./process-record.ts";

/** Signals one process. It is not an error if it has ended meanwhile. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};

/** Signals every process of a group. A group that has ended is not an error; Windows has no groups. */
export const signalGroup = (group: number, signal: "SIGSTOP" | "SIGCONT" | "SIGTERM" | "SIGKILL"): void => {
  if (process.platform === "win32") return;
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};

/** The shell in the sudo rule has `kill` built in, so the rule needs no second program. */
const killScript = 'kill -s "$1" -- "-$2"';

/** Signals the group of a record, as the account of the record. Resolves to null, or to the error. */
export const signalRecorded = async (
  { process: { pid }, account }: Pick<ProcessRecord, "process" | "account">,
  signal: "TERM" | "KILL",
): Promise<string | null> => {
  if (account !== null) return runAs(account, [shell, "-c", killScript, "kill", signal, String(pid)]);
  try {
    signalGroup(pid, `SIG${signal}`);
    return null;
  } catch (error) {
    return systemCode(error);
  }
};
