import process from "node:process";
import { endMarked, type ProcessRecord } from "@gatehouse/processes/records";
import { runAs } from "./account.ts";
import { shell } from "./gate.ts";

/** Each process of a container has it, unless it was started with another environment: the record's id. */
export const markVariable = "GATEHOUSE_CONTAINER";

/** As an account of its own the host cannot read the environment of other accounts: their shell does. */
const endScript = `
for __round in 1 2 3 4 5 6 7 8 9 10; do
  __found=
  for __dir in /proc/[0-9]*; do
    [ "\${__dir#/proc/}" = $$ ] || ! grep -qzxF "$1" "$__dir/environ" 2>/dev/null ||
      { __found=1; kill -s KILL "\${__dir#/proc/}"; }
  done
  [ -n "$__found" ] || exit 0
done
exit 1
`;

/**
 * Ends the processes of a container that made a session of their own (setsid), and so left its group: found by
 * the variable that they have from it, which Linux shows. Resolves with whether none is left.
 */
export const endEscaped = async ({ id, account }: ProcessRecord): Promise<boolean> => {
  if (process.platform !== "linux") return true;
  if (account !== null && process.getuid?.() !== 0)
    return (await runAs(account, [shell, "-c", endScript, "end", `${markVariable}=${id}`])) === null;
  return endMarked(markVariable, id);
};
