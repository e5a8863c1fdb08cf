import type { CommandError } from "@nc/cli-scope";
import { explain, type EntryError, type InvalidConfig, type StoreError } from "@nc/container-config";
import type { Result } from "@gatehouse/std";

type ConfigError = StoreError | EntryError;

const codes: Readonly<Record<ConfigError["code"], CommandError["code"]>> = {
  "invalid-config": "invalid-args",
  "configuration-exists": "invalid-args",
  "entry-exists": "invalid-args",
  // A group out of reach gives the same answer as a group without a configuration.
  "no-configuration": "not-found",
  "no-such-generation": "not-found",
  "no-such-entry": "not-found",
  "generation-conflict": "handler-error",
  "unreadable-configuration": "handler-error",
};

/**
 * Why a configuration was not read or changed. The package writes the message, the host adds the code of the
 * command.
 */
export const configRefusal = (error: ConfigError): { readonly ok: false; readonly error: CommandError } => ({
  ok: false,
  error: { code: codes[error.code], message: explain(error) },
});

/**
 * The answer about a group that is out of reach, or has no configuration: a caller cannot tell the two apart.
 */
export const noConfiguration = (groupId: string): Result<never, CommandError> =>
  configRefusal({ code: "no-configuration", groupId });

/**
 * The refusal of typed values. `flagOf` gives the flag for the path or field where the value would be
 * saved.
 */
export const typedRefusal = (
  error: InvalidConfig | EntryError,
  flagOf: (path: string) => string,
): { readonly ok: false; readonly error: CommandError } => configRefusal(namedByFlag(error, flagOf));

const namedByFlag = (error: InvalidConfig | EntryError, flagOf: (path: string) => string): ConfigError => {
  if (error.code !== "invalid-config")
    return { ...error, entry: `${JSON.stringify(error.entry)} (${flagOf(error.field)})` };
  return { ...error, problems: error.problems.map((one) => ({ ...one, path: flagOf(one.path) })) };
};
