import type { Consents } from "@trust/dialog-engine";
import { setUpProfile, type Box } from "../box/box.ts";
import type { AgentName } from "./agents.ts";

/** One start of a real CLI that becomes a fixture, `<provider>-<version>-<name>.cast`. */
export type Recording = {
  readonly provider: AgentName;
  readonly name: string;
  readonly why: string;
  /** The first and the last version in which the recording shows something. */
  readonly from?: string;
  readonly until?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A HOME in which the CLI never ran, instead of a set-up profile. */
  readonly fresh?: true;
  readonly arrange?: (box: Box) => void;
  /** The answers. The recording ends at the first dialog without one. */
  readonly consents: Consents;
  /** Started as another user than root, for cases in which the CLI refuses root. */
  readonly unprivileged?: true;
};

/**
 * The folder in which the CLI is started. It is short and the same in every recording, so that none contains
 * a path of this machine.
 */
export const project = "w/proj";

const trust = { trust: "accept", "granted-permissions": "accept" } as const;
/** Not a real key: it has the right form, and no part of it occurs anywhere else. */
export const claudeKey = "sk-ant-api03-GhLmNpQrStVwXz0123456789dFbHjKlMnPqRsTvWx98765432";
const apiKey = { ANTHROPIC_API_KEY: claudeKey };

/** The arguments of preflight's own start; its empty MCP configuration is a file there. */
const protectedArgs = [
  ...["--bare", "--strict-mcp-config", "--mcp-config", '{"mcpServers":{}}', "--setting-sources", "user"],
  ...["--settings", '{"disableAllHooks":true}', "--tools", ""],
];

const mcpServers =
  (...names: readonly string[]) =>
  (box: Box) =>
    box.write(`${project}/.mcp.json`, {
      mcpServers: Object.fromEntries(names.map((name) => [name, { command: "true", args: [] }])),
    });
const mcpServer = mcpServers("demo");
/** A session of one prompt with two lines and its reply, in a folder that is trusted. */
const session = (box: Box) => {
  box.write(".claude.json", setUpProfile([box.path(project)]));
  const sessionId = "11111111-2222-4333-8444-555555555555";
  const [prompt, reply] = ["a", "b"].map((id) => `${id.repeat(8)}-0000-4000-8000-000000000000`);
  const timestamp = new Date().toISOString();
  const common = { isSidechain: false, userType: "external", cwd: box.path(project), sessionId, timestamp };
  const rows = [
    { type: "user", uuid: prompt, parentUuid: null, message: { role: "user", content: sessionText.prompt } },
    {
      type: "assistant",
      uuid: reply,
      parentUuid: prompt,
      message: {
        id: "m1",
        type: "message",
        role: "assistant",
        model: "claude-sonnet-4-5-20250929",
        content: [{ type: "text", text: sessionText.reply }],
        usage: { input_tokens: 10, output_tokens: 10 },
      },
    },
  ];
  const folder = box.path(project).replace(/[^a-zA-Z0-9]/gu, "-");
  const lines = rows.map((row) => JSON.stringify({ ...common, version: "2.1.197", ...row }));
  box.write(`.claude/projects/${folder}/${sessionId}.jsonl`, `${lines.join("\n")}\n`);
};
const sessionText = {
  prompt: "Fix the bug\nand run the tests",
  reply: "The bug was in the parser.\nIt is mended now.",
} as const;
const externalImport = (box: Box) => {
  box.write("w/shared.md", "# Shared\n");
  box.write(`${project}/CLAUDE.md`, "@../shared.md\n");
};
const projectSettings = (settings: object) => (box: Box) =>
  box.write(`${project}/.claude/settings.json`, settings);

const rows: readonly Omit<Recording, "provider">[] = [
  { name: "trust", why: "A plain folder: trust, answered yes, then the composer.", consents: trust },
  {
    name: "trust-unanswered",
    why: "A plain folder, nothing answered: the trust dialog as it stands.",
    consents: {},
  },
  {
    name: "protected",
    why: "The command that preflight starts: trust, answered yes, then the composer.",
    from: "2.1.81",
    args: protectedArgs,
    consents: trust,
  },
  {
    name: "granted-permissions",
    why: "The project's settings allow a tool without asking, and set a variable.",
    from: "1.0.0",
    arrange: projectSettings({ permissions: { allow: ["Bash"] }, env: { DEMO: "1" } }),
    consents: trust,
  },
  {
    name: "hooks",
    why: "The project's settings hold a hook.",
    from: "1.0.0",
    arrange: projectSettings({
      hooks: { SessionStart: [{ hooks: [{ type: "command", command: "true" }] }] },
    }),
    consents: trust,
  },
  {
    name: "api-key",
    why: "ANTHROPIC_API_KEY is set: that question, unanswered.",
    from: "1.0.51",
    env: apiKey,
    consents: trust,
  },
  {
    name: "api-key-use",
    why: "ANTHROPIC_API_KEY is set: its use, answered yes.",
    from: "1.0.51",
    env: apiKey,
    consents: { ...trust, "api-key": "use" },
  },
  {
    name: "bypass",
    why: "Bypass mode: its warning, unanswered.",
    args: ["--dangerously-skip-permissions"],
    consents: trust,
    unprivileged: true,
  },
  {
    name: "mcp",
    why: "The project brings an MCP server: that question, unanswered.",
    arrange: mcpServer,
    consents: trust,
  },
  {
    name: "mcp-several",
    why: "The project brings three MCP servers: that question, unanswered.",
    from: "2.1.197",
    arrange: mcpServers("one", "two", "three"),
    consents: trust,
  },
  {
    name: "mcp-several-use",
    why: "The project brings three MCP servers: their use, answered yes.",
    from: "2.1.197",
    arrange: mcpServers("one", "two", "three"),
    consents: { ...trust, mcp: "use" },
  },
  {
    name: "continue",
    why: "A session is continued: its prompt of two lines stands above the composer.",
    from: "2.1.197",
    args: ["--continue"],
    arrange: session,
    consents: {},
  },
  {
    name: "imports",
    why: "CLAUDE.md imports a file from outside of the project: that question, unanswered.",
    arrange: externalImport,
    consents: trust,
  },
  {
    name: "chain",
    why: "Every question that one start can ask, all answered, up to the composer.",
    from: "1.0.51",
    env: apiKey,
    arrange: (box) => {
      mcpServer(box);
      externalImport(box);
    },
    consents: { ...trust, "api-key": "use", mcp: "refuse", imports: "refuse" },
  },
  {
    name: "fresh",
    why: "A HOME in which the CLI never ran, and no network.",
    fresh: true,
    consents: trust,
  },
  {
    name: "fresh-protected",
    why: "The same HOME with the command that preflight starts, which asks for no connection.",
    from: "2.1.81",
    fresh: true,
    args: protectedArgs,
    consents: trust,
  },
  {
    name: "ready",
    why: "A folder that is trusted already: the composer, nothing asked.",
    arrange: (box) => box.write(".claude.json", setUpProfile([box.path(project)])),
    consents: {},
  },
  {
    name: "ax-screen-reader",
    why: "The list becomes a prompt, Enter y/n, which is read and never answered.",
    from: "2.1.247",
    args: ["--ax-screen-reader"],
    consents: trust,
  },
];

export const claudeRecordings: readonly Recording[] = rows.map((row) => ({ provider: "claude", ...row }));
