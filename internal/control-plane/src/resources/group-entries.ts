import type { Command } from "@nc/cli-scope";
import type { CommandContext } from "../world/command-context.ts";
import { mcpServerCommands } from "./group-mcp-servers.ts";
import { mountCommands } from "./group-mounts.ts";
import { packageCommands } from "./group-packages.ts";

/** Commands on the lists and maps of a group's configuration, each of which changes one entry. */
export const groupEntries: readonly Command<CommandContext>[] = [
  ...mcpServerCommands,
  ...packageCommands,
  ...mountCommands,
];
