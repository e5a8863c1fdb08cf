import type { Consents } from "@trust/dialog-engine";
import { setUpProfile, type Box } from "../box/box.ts";

/** One start of the real CLI that becomes a fixture, `claude-<version>-<name>.cast`. */
export type Recording = {
  readonly name: string;
  readonly why: string;
  /** The oldest version in which there is something to see. */
  readonly from?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A HOME in which the CLI never ran, instead of a set-up profile. */
  readonly fresh?: true;
  /** Creates the files of the project. */
  readonly arrange?: (box: Box) => void;
  /** The answers. The recording ends at the first dialog without one. */
  readonly consents: Consents;
  /** Started as another user than root, for cases in which the CLI refuses root. */
  readonly unprivileged?: true;
};

/**
 * The folder in which the CLI is started. It is short and the same in every recording, so that none contains a path
 * of this machine.
 */
export const project = "w/proj";

const trust = { trust: "accept", "granted-permissions": "accept" } as const;
/** Not a real key: it has the right form, and no part of it occurs anywhere else. */
const apiKey = { ANTHROPIC_API_KEY: "sk-ant-api03-GhLmNpQrStVwXz0123456789dFbHjKlMnPqRsTvWx98765432" };

/** The arguments of preflight's own start; its empty MCP configuration is a file there. */
const protectedArgs = [
  ...["--bare", "--strict-mcp-config", "--mcp-config", '{"mcpServers":{}}', "--setting-sources", "user"],
  ...["--settings", '{"disableAllHooks":true}', "--tools", ""],
];

const mcpServer = (box: Box) =>
  box.write(`${project}/.mcp.json`, { mcpServers: { demo: { command: "true", args: [] } } });
const externalImport = (box: Box) => {
  box.write("w/shared.md", "# Shared\n");
  box.write(`${project}/CLAUDE.md`, "@../shared.md\n");
};
const projectSettings = (settings: object) => (box: Box) =>
  box.write(`${project}/.claude/settings.json`, settings);

export const recordings: readonly Recording[] = [
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
