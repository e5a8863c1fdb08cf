import type { CommandError, Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";

type Outcome = Result<Reply, CommandError>;

/** What a command gives back when it worked. */
export const done = (data: unknown, more: Omit<Reply, "data"> = {}): Outcome => ({
  ok: true,
  value: { data, ...more },
});

/** For the `check` of a command: the error of `read`, which makes something of the arguments. */
export const problemOf =
  <A>(read: (args: A) => Result<unknown, CommandError>) =>
  (args: A): CommandError | null => {
    const result = read(args);
    return result.ok ? null : result.error;
  };

/** Why a command did not work: what, where, the fix. */
export const refused = (
  code: CommandError["code"],
  message: string,
): { readonly ok: false; readonly error: CommandError } => ({ ok: false, error: { code, message } });
