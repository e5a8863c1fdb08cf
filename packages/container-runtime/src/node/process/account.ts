import { outputAs, shell } from "@gatehouse/processes/records";
import { fail } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";

/** An account by its numbers. */
export type AccountIds = { readonly uid: number; readonly gid: number };

/** The HOME of an account, from its own shell. The error says why nothing can be started as this account. */
export const homeOf = async (account: string): Promise<RuntimeResult<string>> => {
  const home = await outputAs(account, [shell, "-c", 'printf %s "$HOME"']);
  if (home.ok && home.value.startsWith("/")) return home;
  return fail({
    code: "runtime-unavailable",
    message: `Nothing can be started as ${account}: ${home.ok ? "it has no home folder" : home.error}`,
    fix: `Give the host's account a sudo rule for it: ALL=(${account}) NOPASSWD: ${shell}`,
  });
};
