import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { claude, type Provider, type ProviderPlace } from "@gatehouse/agent-runner/claude";
import {
  codex,
  codexConfig,
  codexHome,
  tryingSandbox,
  codexCommand,
  codexEnvironment,
  introduce,
  startCodex,
} from "@gatehouse/agent-runner/codex";
import { claudeFloor, codexFloor, type Vendor } from "@gatehouse/provider-facts/agents";
import { differs } from "../check/differs.ts";
import { asList, filesInMessages, type ModelRequest } from "./model-log.ts";

/** The files of the scenario that attaches some. */
export type AttachedName = "a.png" | "b.pdf";

/** A CLI that is an agent of a host, as its scenarios need it. */
export type AgentCli = {
  readonly name: "claude" | "codex";
  /** Oldest version that the provider takes. */
  readonly floor: string;
  readonly vendor: Vendor;
  /** The provider of the agent runner. */
  readonly provider: (place: ProviderPlace) => Provider;
  /** The file with the instructions of a group. */
  readonly instructions: string;
  readonly model: string;
  /** Models that the CLI knows without an account. */
  readonly knownModels: readonly string[];
  /** The name of a model with a mistake, and the name that the CLI knows. */
  readonly mistyped: readonly [string, string];
  /** Two other models, of a person and of a session. */
  readonly otherModels: readonly [string, string];
  /** The vendor's key in the headers of a request. */
  readonly keyIn: (headers: ModelRequest["headers"]) => string | undefined;
  /** The other header that may carry a token: that of the CLI must not reach the vendor. */
  readonly otherKeyHeader: string;
  /** Settings with which a project would run programs of its own, by file; each makes a file in `ran`. */
  readonly projectSettings: (ran: string) => Readonly<Record<string, string | object>>;
  /** The question of the CLI about a command of the stand-in. */
  readonly question: (command: string, cwd: string) => { readonly tool: string; readonly input: object };
  /** The rules that the CLI suggests with that question; absent for a CLI that suggests none. */
  readonly suggests?: (command: string) => readonly (readonly string[])[];
  /** Files that go in as content; of the others the prompt names the paths. */
  readonly seesFiles: readonly AttachedName[];
  /** The files in a request, as base64. */
  readonly filesIn: (body: ModelRequest["body"]) => readonly string[];
  /** Tools that may not be offered. */
  readonly offTools: readonly string[];
  /** Texts that the CLI would expand, if they were no text. */
  readonly mentions: string;
  /** The same text as the model reads it. */
  readonly mentionsSeen: string;
  /** The prompt with which the stand-in calls the tool `greet` of the MCP server `tiny`. */
  readonly callsServer: string;
  /** True if the CLI has our host's tools under the names of Claude Code. */
  readonly hasHostTools: boolean;
  /** The effort "low" in a request. */
  readonly effort: string | undefined;
  readonly effortIn: (body: ModelRequest["body"]) => unknown;
  /** A sentence if the CLI has changed the settings that the runner wrote, for example by trust. */
  readonly settingsProblems: (place: ProviderPlace) => readonly string[];
  /** True if the CLI's own sandbox works on this machine; null for a CLI without a sandbox. */
  readonly hasSandbox: ((place: ProviderPlace) => Promise<boolean>) | null;
  /** Longest time of the chaos test between a turn's start and a kill, ms: about the length of a turn. */
  readonly killWithinMs: number;
  /** The UUIDs of the prompts in a conversation on disk, each as often as it is there. */
  readonly promptsOnDisk: (place: ProviderPlace, conversation: string) => Promise<readonly string[]>;
};

/** Reads the transcripts of Claude Code below a workload's folder, without those of subagents. */
const claudePrompts = (folder: string): readonly string[] => {
  const projects = join(folder, "out/claude/projects");
  return readdirSync(projects, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".jsonl") && dirname(dirname(file)) === ".")
    .flatMap((file) => readFileSync(join(projects, file), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line) as { readonly type?: string; readonly uuid?: string })
    .flatMap(({ type, uuid }) => (type === "user" && uuid !== undefined ? [uuid] : []));
};

type Turn = { readonly items?: readonly { readonly type?: string; readonly clientId?: string | null }[] };

/** Turns in one page. A larger page of real threads would be a very long line. */
const pageSize = 50;

/** The client ids of the prompts in a thread, as Codex itself reads it from disk. */
const promptsInThread = async (
  { folder, cwd, env }: ProviderPlace,
  threadId: string,
): Promise<readonly string[]> => {
  const start = { command: codexCommand(cwd), cwd, env: codexEnvironment(env, folder) };
  const program = startCodex(start);
  try {
    await introduce(program);
    const found: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page = { threadId, cursor, limit: pageSize, itemsView: "full" };
      const listed = await program.call("thread/turns/list", page);
      if (!listed.ok) throw new Error(`The thread ${threadId} cannot be read: ${listed.error.message}`);
      const { data, nextCursor } = listed.value as { data?: unknown; nextCursor?: string | null };
      const items = asList<Turn>(data).flatMap((turn) => turn.items ?? []);
      found.push(
        ...items.flatMap(({ type, clientId }) => (type === "userMessage" && clientId ? [clientId] : [])),
      );
      if (nextCursor === null || nextCursor === undefined) return found;
      cursor = nextCursor;
    }
  } finally {
    program.kill();
    await program.exited;
  }
};

const claudeCli: AgentCli = {
  name: "claude",
  floor: claudeFloor,
  vendor: "anthropic",
  provider: claude,
  instructions: "CLAUDE.md",
  // Sonnet 4.5 gets no effort (2.1.328).
  model: "claude-opus-4-5",
  knownModels: ["opus", "claude-sonnet-4-5"],
  mistyped: ["sonet", "sonnet"],
  otherModels: ["claude-sonnet-4-5", "claude-sonnet-4-6"],
  keyIn: (headers) => headers["x-api-key"],
  otherKeyHeader: "authorization",
  projectSettings: (ran) => ({
    ".claude/settings.json": {
      hooks: { SessionStart: [{ hooks: [{ type: "command", command: `touch ${join(ran, "hooked")}` }] }] },
    },
    ".mcp.json": { mcpServers: { own: { command: "touch", args: [join(ran, "served")] } } },
  }),
  question: (command) => ({ tool: "Bash", input: { command, description: "Runs it" } }),
  suggests: (command) => [[`Bash(${command} *)`]],
  seesFiles: ["a.png", "b.pdf"],
  filesIn: filesInMessages,
  offTools: ["CronCreate", "ScheduleWakeup", "WebSearch"],
  mentions: "look at @/etc/hostname and /cost",
  mentionsSeen: "look at @/etc/hostname and /cost",
  callsServer: "use mcp__tiny__greet {}",
  hasHostTools: true,
  effort: "low",
  effortIn: ({ output_config: config }) => (config as { readonly effort?: unknown } | undefined)?.effort,
  settingsProblems: () => [],
  hasSandbox: null,
  killWithinMs: 1_500,
  promptsOnDisk: ({ folder }) => Promise.resolve(claudePrompts(folder)),
};

const codexCli: AgentCli = {
  name: "codex",
  floor: codexFloor,
  vendor: "openai",
  provider: codex,
  instructions: "AGENTS.md",
  model: "gpt-5.5",
  knownModels: ["gpt-5.5", "gpt-6-sol"],
  mistyped: ["gpt-6-sool", "gpt-6-sol"],
  otherModels: ["gpt-6-sol", "gpt-5.6-sol"],
  keyIn: (headers) => headers["authorization"]?.replace(/^Bearer /, ""),
  otherKeyHeader: "x-api-key",
  projectSettings: (ran) => ({
    ".codex/config.toml": `[mcp_servers.own]\ncommand = "touch"\nargs = [${JSON.stringify(join(ran, "served"))}]\n`,
  }),
  question: (command, cwd) => ({
    tool: "commandExecution",
    input: { command: `/bin/bash -lc '${command}'`, cwd },
  }),
  seesFiles: ["a.png"],
  filesIn: ({ input }) =>
    asList<{ readonly content?: unknown }>(input)
      .flatMap(({ content }) => asList<{ readonly image_url?: string }>(content))
      .flatMap(({ image_url: url }) => url?.replace("data:image/png;base64,", "") ?? []),
  offTools: ["web_search", "create_goal", "spawn_agent"],
  mentions: "/cost @/etc/hostname [$x](dance) $dance $HOME",
  // A `$` that would bring a skill is written as the rest of a prompt is.
  mentionsSeen: "/cost @/etc/hostname [&#36;x](dance) &#36;dance $HOME",
  callsServer: "call tiny greet",
  hasHostTools: false,
  effort: "low",
  effortIn: ({ reasoning }) => (reasoning as { readonly effort?: unknown } | undefined)?.effort,
  settingsProblems: ({ folder, json, gateway, toolProgram }) =>
    differs(
      "config.toml",
      readFileSync(join(codexHome(folder), "config.toml"), "utf8"),
      codexConfig({ ...json, gateway, toolProgram }),
    ),
  hasSandbox: async ({ cwd, env }) =>
    (await tryingSandbox(cwd, { ...env, TMPDIR: cwd })) === "workspace-write",
  killWithinMs: 900,
  promptsOnDisk: promptsInThread,
};

/** A row for each CLI. */
export const agentClis: { readonly [Name in AgentCli["name"]]: AgentCli } = {
  claude: claudeCli,
  codex: codexCli,
};

/** The names of all tools that a request offers: newer models of OpenAI have them among the input, and in groups. */
export const toolNames = ({ body }: ModelRequest): readonly string[] => {
  type Tool = {
    readonly name?: string;
    readonly type?: string;
    readonly tools?: readonly Tool[];
    /** Google's tools are lists of these, without a name. */
    readonly functionDeclarations?: readonly Tool[];
  };
  const namesOf = (tools: readonly Tool[]): readonly string[] =>
    tools.flatMap(({ name, type, tools: inner = [], functionDeclarations: declared }) =>
      declared === undefined ? [name ?? type ?? "", ...namesOf(inner)] : namesOf(declared),
    );
  const more = asList<Tool>(body.input).flatMap(({ tools = [] }) => tools);
  return namesOf([...asList<Tool>(body.tools), ...more]);
};
