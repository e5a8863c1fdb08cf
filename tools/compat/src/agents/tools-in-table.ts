import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cliFacts, type Provider } from "@gatehouse/provider-facts";
import type { AgentCli } from "./agent-clis.ts";
import { toolNames } from "./agent-clis.ts";
import type { HostedCli, Run } from "./agent-check.ts";
import { asList, type ModelRequest } from "./model-log.ts";
import { tinyServers } from "./provider-checks.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";

const page = fileURLToPath(new URL("../../../../docs/host/approvals.md", import.meta.url));

/** The names in the table of a CLI, and those of them that it calls off. */
const tableOf = (cli: Provider): { readonly all: ReadonlySet<string>; readonly off: ReadonlySet<string> } => {
  const all = readFileSync(page, "utf8").split(/\n##+ /u);
  const own = all.find((section) => section.split("\n")[0]?.endsWith(cliFacts[cli].title)) ?? "";
  const rows = [...own.matchAll(/^\| ([^|]+)\| ([^|]+)\|/gmu)].map(([, names = "", answer = ""]) => ({
    names: [...names.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name),
    isOff: answer.trim() === "off",
  }));
  const namesOf = (some: typeof rows): ReadonlySet<string> => new Set(some.flatMap(({ names }) => names));
  return { all: namesOf(rows), off: namesOf(rows.filter(({ isOff }) => isOff)) };
};

type Tool = { readonly name?: string; readonly type?: string; readonly description?: string };

/** The tools that a request offers by their names. A namespace of Codex is no tool. */
const namedIn = (request: ModelRequest): readonly string[] => {
  const namespaces = toolsIn(request).flatMap(({ name, type }) => (type === "namespace" ? [name] : []));
  return toolNames(request).filter((name) => !namespaces.includes(name));
};

/** The tools that Codex offers to the code of its tool `exec` (0.169.0). */
const codedIn = (request: ModelRequest): readonly string[] =>
  toolsIn(request).flatMap(({ name, description = "" }) =>
    name === "exec" ? [...description.matchAll(/^### `([^`]+)`/gmu)].map(([, each = ""]) => each) : [],
  );

const toolsIn = ({ body }: ModelRequest): readonly Tool[] => {
  type Group = Tool & { readonly tools?: readonly Tool[] };
  const groups = [
    ...asList<Group>(body.tools),
    ...asList<Group>(body.input).flatMap(({ tools = [] }) => tools as readonly Group[]),
  ];
  return groups.flatMap((group) => [group, ...(group.tools ?? [])]);
};

/** The tools that Claude Code's model may search for (2.1.332). */
const searchedIn = ({ body }: ModelRequest): readonly string[] => {
  const texts = asList<{ readonly content?: unknown }>(body.messages).flatMap(({ content }) =>
    typeof content === "string"
      ? [content]
      : asList<{ readonly text?: string }>(content).map(({ text = "" }) => text),
  );
  return texts.flatMap(
    (text) => /deferred tools are now available[^\n]*\n([^]*?)(?:\n\n|$)/u.exec(text)?.[1]?.split("\n") ?? [],
  );
};

const offeredIn = (request: ModelRequest): readonly string[] => [
  ...namedIn(request),
  ...codedIn(request),
  ...searchedIn(request),
];

/** Tools of the group's MCP server, whose names a table writes with SERVER and TOOL. */
const isOfServer = (name: string): boolean => /^(?:mcp__tiny__|mcp_tiny_|tiny_)?greet$/u.test(name);

/** Longer than any turn here takes, also on a busy machine, ms. */
const limitMs = 180_000;

/**
 * The CLI offers these models no tool that its table in docs/host/approvals.md lacks, or calls off; null is its own
 * choice of a model. It offers `usual` at least.
 */
export const toolsAreInTable =
  (
    usual: readonly string[],
    models: readonly (string | null)[] = [null],
  ): Run<HostedCli & Pick<AgentCli, "provider">> =>
  async (stage) => {
    const turns: string[] = [];
    for (const model of models) {
      const provider = ownAgent(stage, { mcpServers: tinyServers, model }).provider();
      await provider.start(null);
      for (const text of ["hello", "and again"]) {
        const turn = await provider.turn(promptOf("m-1", text), turnTools(AbortSignal.timeout(limitMs)));
        if (!turn.ok) turns.push(`${text}: ${turn.error.message}`);
      }
      provider.stop();
    }
    const { all, off } = tableOf(stage.agentCli.name);
    const offered = [...new Set(stage.model.requests().flatMap(offeredIn))].filter(
      (name) => !isOfServer(name),
    );
    const table = `the table of ${stage.agentCli.name} in docs/host/approvals.md`;
    return [
      ...turns,
      ...usual.filter((name) => !offered.includes(name)).map((name) => `the CLI does not offer ${name}`),
      ...offered.filter((name) => !all.has(name)).map((name) => `${table} lacks ${name}`),
      ...offered.filter((name) => off.has(name)).map((name) => `${table} says off, and ${name} is offered`),
    ];
  };
