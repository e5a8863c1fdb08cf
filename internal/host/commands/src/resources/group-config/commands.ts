import type { Command } from "@nc/cli-scope";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";
import { historyCommands } from "./history.ts";
import { mcpServerCommands } from "./mcp-servers.ts";
import { mountCommands } from "./mounts.ts";
import { packageCommands } from "./packages.ts";
import { settingCommands } from "./settings.ts";

/** Every `ncl groups config` command. */
export const configCommands: readonly Command<CommandContext, ReadContext>[] = [
  ...settingCommands,
  ...mcpServerCommands,
  ...packageCommands,
  ...mountCommands,
  ...historyCommands,
];
