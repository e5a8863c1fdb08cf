import type { Args, Command, CommandError, Flag } from "@nc/cli-scope";
import { checkField, type McpServer } from "@nc/container-config";
import type { Result } from "../result.ts";
import type { World } from "../world/world.ts";
import { requiredText } from "./checked-args.ts";
import { changeEntries } from "./change-entries.ts";
import { aboutConfig, groupId, ifGeneration } from "./group-settings.ts";
import { refused } from "./reply.ts";
import { access } from "./stored-resource.ts";

const name: Flag = {
  name: "name",
  type: "string",
  description: "the server's name; the agent sees its tools under it",
  required: true,
};

const add: Command<World> = {
  ...aboutConfig,
  words: "groups config add-mcp-server",
  ...access.change,
  description: "Add an MCP server, or exchange the one of that name: a program to start, or an address.",
  examples: [
    `groups config add-mcp-server ag-1 --name rss --command npx --args '["some-rss-mcp"]' --env '{"TOKEN":"..."}'`,
    "groups config add-mcp-server ag-1 --name tools --url https://tools.example/mcp",
  ],
  flags: [
    groupId,
    name,
    { name: "command", type: "string", description: "the program" },
    { name: "args", type: "json", description: 'its arguments, ["a","b"]' },
    {
      name: "env",
      type: "json",
      secret: true,
      description: 'its environment, {"NAME":"value"}; shown by name only',
    },
    { name: "url", type: "string", description: "the address, instead of a program" },
    {
      name: "headers",
      type: "json",
      secret: true,
      description: 'headers for that address, {"Name":"value"}; shown by name only',
    },
    ifGeneration,
  ],
  run: async (args, { world }) => {
    const server = requiredText(args, "name");
    const value = serverIn(args);
    const checked = checkField("mcp_servers", { [server]: value });
    return changeEntries(args, world, {
      field: "mcp_servers",
      // The check refuses what is no server, by the name of the field that is wrong.
      next: (servers) => (checked.ok ? { ok: true, value: { ...servers, ...checked.value } } : checked),
      data: { added: server },
      warning: (servers) => (Object.hasOwn(servers, server) ? `${server} was there and is exchanged.` : null),
    });
  },
};

const serverIn = (args: Args): unknown =>
  Object.fromEntries(
    ["command", "args", "env", "url", "headers"]
      .filter((key) => args[key] !== undefined)
      .map((key) => [key, args[key]]),
  );

const remove: Command<World> = {
  ...aboutConfig,
  words: "groups config remove-mcp-server",
  ...access.change,
  description: "Take an MCP server away.",
  flags: [groupId, name, ifGeneration],
  run: async (args, { world }) => {
    const server = requiredText(args, "name");
    return changeEntries(args, world, {
      field: "mcp_servers",
      next: (servers) => without(servers, server),
      data: { removed: server },
    });
  },
};

type Servers = Readonly<Record<string, McpServer>>;

const without = (servers: Servers, server: string): Result<Servers, CommandError> => {
  if (!Object.hasOwn(servers, server)) {
    const known = Object.keys(servers).join(", ") || "none";
    return refused("not-found", `There is no MCP server "${server}" (--name); there are: ${known}.`);
  }
  return {
    ok: true,
    value: Object.fromEntries(Object.entries(servers).filter(([each]) => each !== server)),
  };
};

export const mcpServerCommands: readonly Command<World>[] = [add, remove];
