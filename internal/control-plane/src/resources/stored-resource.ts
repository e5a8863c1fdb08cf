import type { Command, VerbAccess } from "@nc/cli-scope";
import type { StoredTable } from "../world/stored-table.ts";
import type { CommandContext } from "../world/command-context.ts";

/** One resource of the CLI: its commands, and where its rows are. */
export type StoredResource = {
  readonly plural: string;
  /** One sentence for help. */
  readonly description: string;
  readonly stored: StoredTable;
  readonly commands: readonly Command<CommandContext>[];
};

/** Who may use a verb. Within one group an agent reads at once and waits for a person to change something. */
export const access: Readonly<
  Record<"read" | "change" | "readAcrossGroups" | "changeAcrossGroups" | "operator", VerbAccess>
> = {
  read: { access: "open", reach: "group" },
  change: { access: "approval", reach: "group" },
  readAcrossGroups: { access: "open", reach: "host" },
  changeAcrossGroups: { access: "approval", reach: "host" },
  operator: { access: "operator", reach: "host" },
};
