import type { Call, CommandError, Reply } from "@nc/cli-scope";
import type { Entries, EntryError } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext } from "@gatehouse/command-context";
import { configIn, updateOptions, type ConfigArgs } from "./config-command.ts";
import { configRefusal, typedRefusal } from "./config-refusal.ts";
import { configReply } from "./config-reply.ts";

/** One change of one list or map. */
export type EntryChange<Name extends keyof Entries> = {
  readonly field: Name;
  /** The package's function for this change, such as `withPackage(name)`. */
  readonly next: (current: Entries[Name]) => Result<Entries[Name], EntryError>;
  /** The flag that names the entry. */
  readonly flag: string;
  /** The added or removed entry, for the answer. */
  readonly data: Readonly<Record<string, unknown>>;
  /** A warning for the caller of a change that succeeded; null for none. */
  readonly warning?: (before: Entries[Name]) => string | null;
};

/** Changes one list or map of the configuration that the arguments name. */
export const changeEntries = async <Name extends keyof Entries>(
  args: ConfigArgs,
  call: Call<CommandContext>,
  { field, next, flag, data, warning }: EntryChange<Name>,
): Promise<Result<Reply, CommandError>> => {
  const config = configIn(args, call.context);
  if (!config.ok) return config;
  let warned: string | null = null;
  const updated = await config.value.updateEntries(
    field,
    (current) => {
      warned = warning?.(current) ?? null;
      return next(current);
    },
    updateOptions(args, call),
  );
  if (updated.ok)
    return configReply(config.value, updated.value, { data, warnings: warned === null ? [] : [warned] });
  return "field" in updated.error ? typedRefusal(updated.error, () => flag) : configRefusal(updated.error);
};
