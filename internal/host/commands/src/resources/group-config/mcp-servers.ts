import {
  defineCommand,
  type Actor,
  type Command,
  type CommandError,
  type Flag,
  type Json,
  type Reply,
} from "@nc/cli-scope";
import {
  checkMcpServer,
  refusedFromAgents,
  secretsOf,
  withMcpServer,
  withoutMcpServer,
  type McpServer,
} from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import { type CommandContext, type ReadContext, problemOf } from "@gatehouse/command-context";
import { changeEntries, type EntryChange } from "./change-entries.ts";
import { typedRefusal } from "./config-refusal.ts";
import { aboutConfig, changeFlags, groupId, withReason } from "./config-command.ts";
import { sessionsToRestart } from "../restart-command.ts";
import { access } from "../stored-resource.ts";

const name = {
  name: "name",
  type: "string",
  description: "The server's name; the agent sees its tools under it.",
  required: true,
} as const satisfies Flag;

/** A server as it may be saved, with its name. */
type Named = { readonly name: string; readonly server: McpServer };

/** The flags of a server's parts, and the names of these parts in a configuration. */
const parts = {
  command: "command",
  args: "args",
  env: "env",
  secret_env: "secretEnv",
  url: "url",
  headers: "headers",
  secret_headers: "secretHeaders",
  instructions: "instructions",
} as const;

type Part = keyof typeof parts;

const partNames = Object.keys(parts) as readonly Part[];

type ServerArgs = { readonly name: string } & { readonly [Name in Part]?: Json };

const serverIn = (args: ServerArgs): Result<Named, CommandError> => {
  const given = partNames.filter((key) => args[key] !== undefined);
  const typed = Object.fromEntries(given.map((key) => [parts[key], args[key]]));
  const { name } = args;
  const checked = checkMcpServer(name, typed);
  if (checked.ok) return { ok: true, value: { name, server: checked.value } };
  return typedRefusal(checked.error, flagIn(name));
};

/** The flag for the path of a part of a server. */
const flagIn =
  (name: string) =>
  (path: string): string =>
    serverFlag(name, path.slice(`mcp_servers.${name}.`.length));

/** The typed server. Parts that load other code or lead elsewhere are refused from agents. */
const serverOf = (args: ServerArgs, { type }: Actor): Result<Named, CommandError> => {
  const typed = serverIn(args);
  if (!typed.ok || type !== "agent") return typed;
  const allowed = refusedFromAgents(args.name, typed.value.server);
  return allowed.ok ? typed : typedRefusal(allowed.error, flagIn(args.name));
};

/** `secretEnv.TOKEN` becomes `--secret-env TOKEN`. A problem of the whole server is reported at its name. */
const serverFlag = (name: string, path: string): string => {
  if (path === "") return `${JSON.stringify(name)} (--name)`;
  const [part = "", ...rest] = path.split(".");
  const flag = partNames.find((each) => parts[each] === part) ?? part;
  return [`--${flag.replaceAll("_", "-")}`, ...(rest.length === 0 ? [] : [rest.join(".")])].join(" ");
};

const restart = {
  name: "restart",
  type: "boolean",
  description:
    "Restart the group's running containers then, with a message to try the server. An agent that names its own group restarts only its own session.",
} as const satisfies Flag;

const addition = ({ name, server }: Named): EntryChange<"mcp_servers"> => ({
  field: "mcp_servers",
  next: withMcpServer(name, server),
  flag: "--name",
  data: { added: name },
  warning: (servers) => (Object.hasOwn(servers, name) ? `${name} existed and is replaced.` : null),
});

/** Sentences about the secrets that a server names and this host does not have. Names and values are no secret here. */
const missingSecrets = async (
  { id, name, server }: Named & { readonly id: string },
  context: Pick<ReadContext, "missingSecrets">,
): Promise<readonly string[]> =>
  (await context.missingSecrets(id, secretsOf({ [name]: server }))).map(
    (secret) =>
      `This host has no secret ${secret} for ${id}. Until there is one, agents start without the MCP server ${name}: gatehouse secrets set ${secret} --group ${id}`,
  );

const removal = (name: string): EntryChange<"mcp_servers"> => ({
  field: "mcp_servers",
  next: withoutMcpServer(name),
  flag: "--name",
  data: { removed: name },
});

const warned = (result: Result<Reply, CommandError>, more: readonly string[]): typeof result =>
  result.ok
    ? { ok: true, value: { ...result.value, warnings: [...(result.value.warnings ?? []), ...more] } }
    : result;

const words = "groups config add-mcp-server";

const add: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words,
  ...access.change,
  description: "Add an MCP server (a program or an address), or replace the server of that name.",
  examples: [
    `groups config add-mcp-server ag-1 --name rss --command npx --args '["some-rss-mcp"]' --secret-env '{"TOKEN":"RSS_TOKEN"}'`,
    "groups config add-mcp-server ag-1 --name tools --url https://tools.example/mcp --restart",
  ],
  flags: [
    groupId,
    name,
    { name: "command", type: "string", description: "The program." },
    {
      name: "args",
      type: "json",
      example: `'["some-rss-mcp"]'`,
      description: 'Its arguments, ["a","b"].',
    },
    {
      name: "env",
      type: "json",
      description:
        'Its environment, {"NAME":"value"}. Replies show the names only; a card shows what an agent typed in full.',
    },
    {
      name: "secret_env",
      type: "json",
      example: `'{"TOKEN":"RSS_TOKEN"}'`,
      description:
        'Variables whose values are secrets of this host, by name, {"VARIABLE":"SECRET"}; gatehouse secrets set SECRET sets the value.',
    },
    {
      name: "url",
      type: "string",
      description: "The server's address, instead of a program; https, without a secret in it.",
    },
    {
      name: "headers",
      type: "json",
      description:
        'Headers for that address, {"Name":"value"}. Replies show the names only; a card shows what an agent typed in full.',
    },
    {
      name: "secret_headers",
      type: "json",
      example: `'{"Authorization":"TOOLS_AUTH"}'`,
      description: 'Headers whose values are secrets of this host, {"Name":"SECRET"}; each is a whole value.',
    },
    {
      name: "instructions",
      isPrivate: true,
      type: "string",
      description: "Instructions about the server, for the agent.",
    },
    restart,
    ...changeFlags,
  ],
  check: withReason(problemOf(serverIn)),
  run: async (args, call) => {
    const typed = serverOf(args, call.actor);
    if (!typed.ok) return typed;
    const missing = await missingSecrets({ id: args.id, ...typed.value }, call.context);
    const changed = warned(await changeEntries(args, call, addition(typed.value)), missing);
    if (!changed.ok || args.restart !== true) return changed;
    const { running, idle } = await sessionsToRestart(args.id, call);
    const { data, human = "", warnings = [] } = changed.value;
    await call.context.askSessions(
      "restart",
      {
        sessionIds: running,
        ...(idle.length === 0 ? {} : { keptFor: idle }),
        groupId: args.id,
        message: `The MCP server ${args.name} is there now. Try its tools, and report to the person who asked for them.`,
        reason: "an MCP server was added by ncl",
      },
      words,
    );
    const line = `Containers that are started again with it now: ${running.length}.`;
    return {
      ok: true,
      value: {
        data: { ...(data as object), restarting: running.length },
        human: `${human}\n${line}`,
        warnings,
      },
    };
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
  run: (args, call) => changeEntries(args, call, removal(args.name)),
});

export const mcpServerCommands: readonly Command<CommandContext, ReadContext>[] = [add, remove];
