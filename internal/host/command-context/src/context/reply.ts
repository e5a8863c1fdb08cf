import type { CommandError, Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";

type Outcome = Result<Reply, CommandError>;

/** The reply of a command that succeeded. */
export const done = (data: unknown, more: Omit<Reply, "data"> = {}): Outcome => ({
  ok: true,
  value: { data, ...more },
});

/** Makes the `check` of a command from `read`, which parses the arguments: returns its error, or null. */
export const problemOf =
  <A>(read: (args: A) => Result<unknown, CommandError>) =>
  (args: A): CommandError | null => {
    const result = read(args);
    return result.ok ? null : result.error;
  };

/** The error of a command. `message` says the problem, the place and the fix. */
export const refused = (
  code: CommandError["code"],
  message: string,
): { readonly ok: false; readonly error: CommandError } => ({ ok: false, error: { code, message } });
