import type { Args, CommandError, Reply } from "@nc/cli-scope";
import type { Entries, StoreError } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext } from "../world/command-context.ts";
import { configReply } from "./config-reply.ts";
import { configRefusal } from "./config-refusal.ts";
import { configIn, updateOptions } from "./group-settings.ts";

/** One change of one list or map. */
export type EntryChange<Name extends keyof Entries> = {
  readonly field: Name;
  /** Pure; with what is saved at that moment, so that two changes at once keep both. */
  readonly next: (current: Entries[Name]) => Result<Entries[Name], StoreError | CommandError>;
  /** What was added or removed, for the answer. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What the caller should know although it worked. */
  readonly warning?: (before: Entries[Name]) => string | null;
};

/** Changes one list or map of the configuration that the arguments name. */
export const changeEntries = async <Name extends keyof Entries>(
  args: Args,
  context: CommandContext,
  { field, next, data, warning }: EntryChange<Name>,
): Promise<Result<Reply, CommandError>> => {
  const config = configIn(args, context);
  if (!config.ok) return config;
  let warned: string | null = null;
  const updated = await config.value.updateEntries(
    field,
    (current) => {
      warned = warning?.(current) ?? null;
      return next(current);
    },
    updateOptions(args),
  );
  if (!updated.ok) return { ok: false, error: refusal(updated.error) };
  return configReply(config.value, updated, { data, ...(warned === null ? {} : { warnings: [warned] }) });
};

const refusal = (error: StoreError | CommandError): CommandError =>
  "message" in error ? error : configRefusal(error);
