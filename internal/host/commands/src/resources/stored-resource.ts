import type { Command, Effect, VerbAccess } from "@nc/cli-scope";
import {
  storedTable,
  type ResourceOf,
  type StoredTable,
  type TableName,
  type TableOf,
  type CommandContext,
  type ReadContext,
} from "@gatehouse/command-context";

/** One resource of the CLI: its commands and its table. */
export type StoredResource = {
  readonly plural: string;
  /** One sentence for help. */
  readonly description: string;
  readonly stored: StoredTable;
  readonly commands: readonly Command<CommandContext, ReadContext>[];
};

type Definition<T extends TableName> = {
  readonly resource: ResourceOf<T>;
  readonly commands: readonly Command<CommandContext, ReadContext>[];
  readonly stored: TableOf<T>;
};

/** Combines a resource with its commands and its table. */
export const storedResource = <T extends TableName>({
  resource,
  commands,
  stored,
}: Definition<T>): StoredResource => ({
  plural: resource.plural,
  description: resource.description,
  commands,
  stored: storedTable(resource, stored),
});

/**
 * The effect of a verb, and who may use it. Within its group an agent reads at once, and a change waits for a
 * person.
 */
export const access: Readonly<
  Record<
    "read" | "change" | "readAcrossGroups" | "changeAcrossGroups" | "operator",
    VerbAccess & { readonly effect: Exclude<Effect, "act"> }
  >
> = {
  read: { effect: "read", access: "open", reach: "group" },
  change: { effect: "change", access: "approval", reach: "group" },
  readAcrossGroups: { effect: "read", access: "open", reach: "host" },
  changeAcrossGroups: { effect: "change", access: "approval", reach: "host" },
  operator: { effect: "change", access: "operator", reach: "host" },
};
