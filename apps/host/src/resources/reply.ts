import type { CommandError, Reply } from "@nc/cli-scope";
import type { Result } from "../result.ts";

type Outcome = Result<Reply, CommandError>;

/** What a command gives back when it worked. */
export const done = (data: unknown, more: Omit<Reply, "data"> = {}): Outcome => ({
  ok: true,
  value: { data, ...more },
});

/** Why a command did not work: what, where, the fix. */
export const refused = (
  code: CommandError["code"],
  message: string,
): { readonly ok: false; readonly error: CommandError } => ({ ok: false, error: { code, message } });
