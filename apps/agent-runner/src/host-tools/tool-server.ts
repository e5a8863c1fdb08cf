import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { HostTools, SendInput, ToolResult } from "./host-tools.ts";
import { serverName, toolNames } from "./tool-names.ts";

const sendInput = z.object({
  text: z.string().describe("The message, as people will read it."),
  to: z.string().optional().describe("The name of a destination. Default: the chat that you answer now."),
  files: z.array(z.string()).optional().describe("Paths of files to send with it."),
});

/** The input of a call of `send_message`; null if it is none. */
export const readSendInput = (input: unknown): SendInput | null => {
  const read = sendInput.safeParse(input);
  return read.success ? read.data : null;
};

/** Names of packages of one kind. The host checks them again. */
const names = (pattern: RegExp): z.ZodDefault<z.ZodArray<z.ZodString>> =>
  z.array(z.string().regex(pattern)).max(20).default([]);

const nclInput = z.object({
  argv: z.array(z.string()).min(1).describe('The words of the command, each on its own: ["groups", "list"].'),
});

const installInput = z
  .object({
    apt: names(/^[a-z0-9][a-z0-9.+-]*$/).describe("Debian packages, at most 20."),
    npm: names(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(@[\w.+-]+)?$/i).describe(
      "npm packages, at most 20, each optionally with a version: prettier@3.5.0.",
    ),
    reason: z.string().min(1).describe("What they are for, in one line. The person who decides reads it."),
  })
  .refine(({ apt, npm }) => apt.length + npm.length > 0, "Name a package.");

const mcpServerInput = z.object({
  name: z.string().describe("Its name: you will see its tools under it."),
  command: z.string().optional().describe("The program. It must be installed: see install_packages."),
  args: z.array(z.string()).optional().describe("The program's arguments."),
  env: z.record(z.string(), z.string()).optional().describe("The program's environment. Put no secret here."),
  secretEnv: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'Variables whose values are secrets: the name of a secret for each, in capital letters, such as {"TOKEN":"RSS_TOKEN"}. A person gives the value to the host, so never ask for it in the chat.',
    ),
  url: z.string().optional().describe("The server's https address, instead of a program."),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe("Headers for that address. Put no secret here."),
  secretHeaders: z
    .record(z.string(), z.string())
    .optional()
    .describe("Headers whose values are secrets, by the names of the secrets. A secret is the whole value."),
  instructions: z.string().optional().describe("What you should know when you use it."),
  reason: z.string().min(1).describe("What it is for, in one line. The person who decides reads it."),
});

/** Claude Code hides tools behind a search unless their server says otherwise (2.1.328). */
const loaded = { "anthropic/alwaysLoad": true };

/** An MCP server for one connection. `current` has the tools of the running turn; null between two turns. */
export const toolServer = (current: () => HostTools | null): McpServer => {
  const server = new McpServer({ name: serverName, version: "1" });
  const answer = async (call: (tools: HostTools) => Promise<ToolResult>): Promise<CallToolResult> => {
    const tools = current();
    const { text, isError } = tools === null ? noTurn : await call(tools);
    return { content: [{ type: "text", text }], isError };
  };
  server.registerTool(
    toolNames.send,
    {
      description:
        "Sends a message now, while you still work. Your answer is sent at the end as well: do not repeat the message there.",
      inputSchema: sendInput,
      _meta: loaded,
    },
    (input) => answer((tools) => tools.sendMessage(input)),
  );
  server.registerTool(
    toolNames.ncl,
    {
      description:
        'Runs a command of ncl, the administration of this host, with your rights. ["help"] lists the commands.',
      inputSchema: nclInput,
      _meta: loaded,
    },
    ({ argv }) => answer((tools) => tools.ncl(argv)),
  );
  server.registerTool(
    toolNames.install,
    {
      description:
        "Asks a person for programs that you lack. Once they are allowed, they are installed and you start again with them: end your turn, and you are told.",
      inputSchema: installInput,
      _meta: loaded,
    },
    (input) => answer((tools) => tools.installPackages(input)),
  );
  server.registerTool(
    toolNames.mcp,
    {
      description:
        "Asks a person for an MCP server. Once it is allowed, you start again with its tools: end your turn, and you are told.",
      inputSchema: mcpServerInput,
      _meta: loaded,
    },
    (input) => answer((tools) => tools.addMcpServer(input)),
  );
  return server;
};

const noTurn: ToolResult = { text: "No message of a person is in work.", isError: true };
