import process from "node:process";
import { type ProcessRecord, processesWith } from "@gatehouse/processes/records";
import { systemCode } from "@gatehouse/std";
import { runAs } from "./account.ts";
import { shell } from "./gate.ts";

/** Each process of a container has it, unless it was started with another environment: the record's id. */
export const markVariable = "GATEHOUSE_CONTAINER";

/** While processes are ended, others may start more. Rounds until it is given up. */
const mostRounds = 20;

/** As an account of its own the host cannot read the environment of other accounts: their shell does. */
const endScript = `
for __dir in /proc/[0-9]*; do
  [ "\${__dir#/proc/}" = $$ ] || ! grep -qzxF "$1" "$__dir/environ" 2>/dev/null || kill -s KILL "\${__dir#/proc/}"
done
:
`;

/**
 * Ends the processes of a container that made a session of their own (setsid), and so left its group: found by
 * the variable that they have from it, which Linux shows. Resolves with whether none is left.
 */
export const endEscaped = async ({ id, account }: ProcessRecord): Promise<boolean> => {
  if (process.platform !== "linux") return true;
  if (account !== null && process.getuid?.() !== 0)
    return (await runAs(account, [shell, "-c", endScript, "end", `${markVariable}=${id}`])) === null;
  for (let round = 0; round < mostRounds; round += 1) {
    const found = processesWith(markVariable, id);
    if (found.length === 0) return true;
    for (const pid of found) endOne(pid);
  }
  return false;
};

const endOne = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended meanwhile; or it may not be signalled, and then the next round finds it again.
    const code = systemCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
};
