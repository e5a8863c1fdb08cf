import type { Args, CommandError, Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";

type Outcome = Result<Reply, CommandError>;

/** What a command gives back when it worked. */
export const done = (data: unknown, more: Omit<Reply, "data"> = {}): Outcome => ({
  ok: true,
  value: { data, ...more },
});

/** For the `check` of a command: what is wrong with arguments that `read` makes something of. */
export const problemOf =
  (read: (args: Args) => Result<unknown, CommandError>) =>
  (args: Args): CommandError | null => {
    const result = read(args);
    return result.ok ? null : result.error;
  };

/** Why a command did not work: what, where, the fix. */
export const refused = (
  code: CommandError["code"],
  message: string,
): { readonly ok: false; readonly error: CommandError } => ({ ok: false, error: { code, message } });
