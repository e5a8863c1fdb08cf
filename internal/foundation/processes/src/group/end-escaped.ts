import process from "node:process";
import { endMarked } from "../end-marked.ts";
import type { ProcessRecord } from "../process-record.ts";
import { runAs, shell } from "./run-as.ts";

/**
 * The host's account cannot read the environment of other accounts' processes; a shell of that account does
 * it.
 */
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
