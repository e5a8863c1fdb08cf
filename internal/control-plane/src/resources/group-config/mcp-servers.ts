import { defineCommand, type Command, type CommandError, type Flag, type Json } from "@nc/cli-scope";
import {
  checkMcpServer,
  shownAddress,
  shownArguments,
  withMcpServer,
  withoutMcpServer,
  type McpServer,
} from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext, ReadContext } from "../../world/command-context.ts";
import { changeEntries, refusalOfEntries, type EntryChange } from "./change-entries.ts";
import { typedRefusal } from "./config-refusal.ts";
import { aboutConfig, changeFlags, groupId, withReason } from "./config-command.ts";
import { problemOf } from "../../world/reply.ts";
import { access } from "../stored-resource.ts";

const name = {
  name: "name",
  type: "string",
  description: "The server's name; the agent sees its tools under it.",
  required: true,
} as const satisfies Flag;

/** A server as it may be saved, with its name. */
type Named = { readonly name: string; readonly server: McpServer };

const parts = ["command", "args", "env", "url", "headers", "instructions"] as const;

type ServerArgs = { readonly name: string } & { readonly [Part in (typeof parts)[number]]?: Json };

const serverIn = (args: ServerArgs): Result<Named, CommandError> => {
  const given = parts.filter((key) => args[key] !== undefined);
  const typed = Object.fromEntries(given.map((key) => [key, args[key]]));
  const { name } = args;
  const checked = checkMcpServer(name, typed);
  if (checked.ok) return { ok: true, value: { name, server: checked.value } };
  return typedRefusal(checked.error, (path) => serverFlag(name, path.slice(`mcp_servers.${name}.`.length)));
};

/** `env.TOKEN` becomes `--env TOKEN`. A problem of the whole server is reported at its name. */
const serverFlag = (name: string, path: string): string =>
  path === "" ? `${JSON.stringify(name)} (--name)` : `--${path.replace(".", " ")}`;

const addition = ({ name, server }: Named): EntryChange<"mcp_servers"> => ({
  field: "mcp_servers",
  next: withMcpServer(name, server),
  flag: "--name",
  data: { added: name },
  warning: (servers) => (Object.hasOwn(servers, name) ? `${name} was there and is exchanged.` : null),
});

const removal = (name: string): EntryChange<"mcp_servers"> => ({
  field: "mcp_servers",
  next: withoutMcpServer(name),
  flag: "--name",
  data: { removed: name },
});

const add: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config add-mcp-server",
  ...access.change,
  description: "Add an MCP server (a program or an address), or replace the one of that name.",
  examples: [
    `groups config add-mcp-server ag-1 --name rss --command npx --args '["some-rss-mcp"]' --env '{"TOKEN":"..."}'`,
    "groups config add-mcp-server ag-1 --name tools --url https://tools.example/mcp",
  ],
  flags: [
    groupId,
    name,
    { name: "command", type: "string", description: "The program." },
    {
      name: "args",
      type: "json",
      example: `'["some-rss-mcp"]'`,
      description: 'Its arguments, ["a","b"]; a secret in them is shown by name only.',
      shown: (value) => (Array.isArray(value) ? shownArguments(value.map(String)) : value),
    },
    {
      name: "env",
      type: "json",
      secret: true,
      description: 'Its environment, {"NAME":"value"}; shown by name only.',
    },
    {
      name: "url",
      type: "string",
      description: "The server's address, instead of a program; https, without a secret in it.",
      shown: (value) => shownAddress(String(value)),
    },
    {
      name: "headers",
      type: "json",
      secret: true,
      description: 'Headers for that address, {"Name":"value"}; shown by name only.',
    },
    {
      name: "instructions",
      type: "string",
      description: "Instructions about the server, for the agent.",
    },
    ...changeFlags,
  ],
  check: withReason(problemOf(serverIn)),
  preview: async (args, { context }) => {
    const typed = serverIn(args);
    return typed.ok ? refusalOfEntries(args, context, addition(typed.value)) : typed.error;
  },
  run: async (args, call) => {
    const typed = serverIn(args);
    if (!typed.ok) return typed;
    return changeEntries(args, call, addition(typed.value));
  },
});

const remove: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config remove-mcp-server",
  ...access.change,
  description: "Remove an MCP server.",
  examples: ["groups config remove-mcp-server ag-1 --name rss"],
  flags: [groupId, name, ...changeFlags],
  check: withReason(),
  preview: (args, { context }) => refusalOfEntries(args, context, removal(args.name)),
  run: (args, call) => changeEntries(args, call, removal(args.name)),
});

export const mcpServerCommands: readonly Command<CommandContext, ReadContext>[] = [add, remove];
