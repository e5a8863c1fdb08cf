import type { CommandError } from "@nc/cli-scope";
import { explain, type InvalidConfig, type StoreError } from "@nc/container-config";
import type { Result } from "@gatehouse/std";

/** Why a configuration was not changed: what, where, the fix. */
export const configRefusal = (error: StoreError): CommandError => {
  switch (error.code) {
    case "invalid-config":
      return invalid(error.problems.map(({ path, problem }) => `${path} ${problem}`).join("; "));
    case "no-configuration":
      // A group whose container.json is broken has none until that is repaired.
      return {
        code: "not-found",
        message:
          `"${error.groupId}" has no configuration. Either there is no such agent group (ncl groups list), ` +
          "or its container.json is broken: gatehouse up says at its start what to repair.",
      };
    case "unreadable-configuration":
      return { code: "handler-error", message: explain(error) };
    case "configuration-exists":
      return invalid(`"${error.groupId}" has a configuration already.`);
    case "generation-conflict":
      return {
        code: "handler-error",
        message:
          `"${error.groupId}" is at generation ${error.current}, not ${error.expected}: somebody changed it. ` +
          `Look at it (ncl groups config diff ${error.groupId} --from ${error.expected}) and ask again.`,
      };
    case "no-such-generation":
      return {
        code: "not-found",
        message: `"${error.groupId}" has no generation ${error.generation}; it is at ${error.current}.`,
      };
  }
};

/** The answer about a group that is out of reach, or has no configuration: which of the two, nobody is told. */
export const noConfiguration = (groupId: string): Result<never, CommandError> => ({
  ok: false,
  error: configRefusal({ code: "no-configuration", groupId }),
});

/** What is wrong with values that were typed: each by its flag, instead of by the place where it would have been saved. */
export const typedRefusal = (
  { problems }: InvalidConfig,
  flagOf: (path: string) => string,
): Result<never, CommandError> => ({
  ok: false,
  error: invalid(`${problems.map(({ path, problem }) => `${flagOf(path)} ${problem}`).join("; ")}.`),
});

const invalid = (message: string): CommandError => ({ code: "invalid-args", message });
