import type { Command, VerbAccess } from "@nc/cli-scope";
import {
  storedTable,
  type ResourceOf,
  type StoredTable,
  type TableName,
  type TableOf,
} from "../world/stored-table.ts";
import type { CommandContext } from "../world/command-context.ts";

/** One resource of the CLI: its commands and its table. */
export type StoredResource = {
  readonly plural: string;
  /** One sentence for help. */
  readonly description: string;
  readonly stored: StoredTable;
  readonly commands: readonly Command<CommandContext>[];
};

type Definition<T extends TableName> = {
  readonly resource: ResourceOf<T>;
  readonly commands: readonly Command<CommandContext>[];
  readonly stored: TableOf<T>;
};

/** Puts a resource, its commands and its table together. */
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

/** Who may use a verb. Within its group an agent reads at once, and a change waits for a person. */
export const access: Readonly<
  Record<"read" | "change" | "readAcrossGroups" | "changeAcrossGroups" | "operator", VerbAccess>
> = {
  read: { access: "open", reach: "group" },
  change: { access: "approval", reach: "group" },
  readAcrossGroups: { access: "open", reach: "host" },
  changeAcrossGroups: { access: "approval", reach: "host" },
  operator: { access: "operator", reach: "host" },
};
