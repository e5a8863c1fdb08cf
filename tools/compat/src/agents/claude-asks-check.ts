import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TurnTools } from "@gatehouse/agent-runner/claude";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, type Run, type Stage } from "./agent-check.ts";
import { agentClis } from "./agent-clis.ts";
import { tinyServers } from "./provider-checks.ts";
import { toolsAreInTable } from "./tools-in-table.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";

const use = (tool: string, input: object): string => `use ${tool} ${JSON.stringify(input)}`;

/** A prompt, and the tools that it asks for. Each is tried after the first prompt, in one conversation. */
type Try = readonly [prompt: string, ...asked: readonly string[]];

const search = (name: string): Try => [use("ToolSearch", { query: `select:${name}` })];
const subagent = (more: object): Try => [
  use("Agent", { description: "Looks", prompt: "run pwd", subagent_type: "general-purpose", ...more }),
];

/** In a folder without links that lead out. */
const plainTries: readonly Try[] = [
  [use("Read", { file_path: "own.txt" })],
  [use("Read", { file_path: "../in/container.json" }), "Read"],
  [use("Read", { file_path: "/etc/hostname" }), "Read"],
  [use("Write", { file_path: "new.txt", content: "x" }), "Write"],
  [use("Edit", { file_path: "own.txt", old_string: "own", new_string: "x" }), "Edit"],
  search("NotebookEdit"),
  [use("Read", { file_path: "n.ipynb" })],
  [
    use("NotebookEdit", {
      notebook_path: "n.ipynb",
      new_source: "x",
      edit_mode: "insert",
      cell_type: "code",
    }),
    "NotebookEdit",
  ],
  search("WebFetch"),
  [use("WebFetch", { url: "https://modelcontextprotocol.io/x?d=SECRET", prompt: "x" }), "WebFetch"],
  [use("WebFetch", { url: "https://docs.anthropic.com/x", prompt: "x" }), "WebFetch"],
  [use("WebFetch", { url: "https://example.com/", prompt: "x" }), "WebFetch"],
  [use("ListMcpResourcesTool", {}), "ListMcpResourcesTool"],
  [use("ReadMcpResourceTool", { server: "tiny", uri: "tiny://any" }), "ReadMcpResourceTool"],
  ["run touch made", "Bash"],
  ["run cat /etc/hostname", "Bash"],
  ["run cat *"],
  ["run cd sub"],
  ["run pwd"],
  subagent({ isolation: "worktree" }),
  subagent({ run_in_background: true, mode: "bypassPermissions" }),
];

/** In a folder with links that lead out. Claude Code alone asks for none of the commands (2.1.332). */
const linkTries: readonly Try[] = [
  [use("Read", { file_path: "own.txt" })],
  [use("Read", { file_path: "LICENSE" }), "Read"],
  [use("Read", { file_path: "docs/key.txt" }), "Read"],
  [use("Write", { file_path: "docs/new.txt", content: "x" }), "Write"],
  ...[
    "cat *",
    "cat LICENS?",
    "cat d*/key.txt",
    "grep TOP *",
    "grep -nR TOP",
    "rg -L TOP",
    "tail -n +1 *",
    "cut -c1-9 *",
  ].map((command): Try => [`run ${command}`, "Bash"]),
];

/** Plays tries as turns of one conversation, and denies what is asked; a sentence for each difference. */
const played = async (
  stage: Stage,
  tries: readonly Try[],
  prepare: (cwd: string) => void,
): Promise<readonly string[]> => {
  const { place, provider: start } = ownAgent(stage, { mcpServers: tinyServers });
  stage.box.repository("session/work");
  writeFileSync(join(place.cwd, "own.txt"), "own\n");
  writeFileSync(join(place.cwd, "n.ipynb"), '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}');
  mkdirSync(join(place.cwd, "sub"));
  prepare(place.cwd);
  const provider = start();
  await provider.start(null);
  const problems: string[] = [];
  for (const [prompt, ...expected] of [["hello"] as Try, ...tries]) {
    const asked: string[] = [];
    const askTool: TurnTools["askTool"] = ({ tool }) => {
      asked.push(tool);
      return Promise.resolve({ behavior: "deny", message: "no" });
    };
    const turn = await provider.turn(
      promptOf("m-1", prompt),
      turnTools(AbortSignal.timeout(60_000), { askTool }),
    );
    if (!turn.ok) problems.push(`${prompt}: ${turn.error.message}`);
    problems.push(...differs(`asked for by ${prompt}`, asked, expected));
  }
  provider.stop();
  return problems;
};

const asksFor: Run = async (stage) => {
  const problems = await played(stage, plainTries, () => {});
  const whole = JSON.stringify(stage.model.requests().map(({ body }) => body));
  return [
    ...problems,
    ...(whole.includes('session/work/sub"') ? ["cd counts for a later command"] : []),
    ...(whole.includes(".claude/worktrees") ? ["a subagent has got a worktree"] : []),
  ];
};

const asksThroughLinks: Run = async (stage) => {
  stage.box.write("beside/key.txt", "TOP-SECRET");
  const problems = await played(stage, linkTries, (cwd) => {
    symlinkSync(stage.box.path("beside"), join(cwd, "docs"));
    symlinkSync(stage.box.path("beside/key.txt"), join(cwd, "LICENSE"));
  });
  return [...problems, ...secretProblems(stage, "TOP-SECRET")];
};

/** Spellings of an import, each of which Claude Code 2.1.332 followed in its own folder's CLAUDE.md. */
const imports = (path: string): readonly string[] => [
  ...[`@${path}`, `**@${path}**`, `[@${path}](y)`, `- @${path}`, `> @${path}`, `# @${path}`, `@${path}#part`],
  ...[`\u00a0@${path}`, `<b>@${path}</b>`, `<!-- c -->@${path}`, `\\\\@${path}`, `_@${path}_`],
  ...[`@../../../../../../../../..${path}`, `@a\\ b/../../../../../../../../..${path}`],
  ...[
    `\`\`\`\nx\n\`\`\`\n@${path}`,
    `| a |\n|---|\n| @${path} |`,
    "@./mcp.json",
    "@mcp.json",
    "@settings.json",
  ],
];

const importsNothing: Run = async (stage) => {
  const { place, provider: start } = ownAgent(stage);
  stage.box.write("beside/key.txt", "TOP-SECRET");
  writeFileSync(
    join(place.cwd, "CLAUDE.md"),
    `PINEAPPLE\n\n${imports(stage.box.path("beside/key.txt")).join("\n\n")}\n`,
  );
  for (const [file, text] of Object.entries({
    "CLAUDE.local.md": "TOP-SECRET",
    ".claude/CLAUDE.md": "TOP-SECRET",
    ".claude/rules/a.md": "TOP-SECRET",
    "../CLAUDE.md": "TOP-SECRET",
    "sub/CLAUDE.md": "TOP-SECRET",
    "sub/a.txt": "plain",
    ".claude/skills/own/SKILL.md":
      "---\nname: own\ndescription: TOP-SECRET\nallowed-tools: Bash(*)\n---\nx\n",
  }))
    stage.box.write(join(place.cwd, file), text);
  const provider = start();
  await provider.start(null);
  for (const text of ["hello", use("Read", { file_path: "sub/a.txt" })])
    await provider.turn(promptOf("m-1", text), turnTools(AbortSignal.timeout(60_000)));
  provider.stop();
  const whole = JSON.stringify(stage.model.requests().map(({ body }) => body));
  return [
    ...secretProblems(stage, "TOP-SECRET"),
    ...secretProblems(stage, "apiKeyHelper"),
    ...(whole.includes("PINEAPPLE") ? [] : ["the request has no CLAUDE.md"]),
  ];
};

const secretProblems = ({ model }: Stage, secret: string): readonly string[] =>
  JSON.stringify(model.requests().map(({ body }) => body)).includes(secret)
    ? [`the model has read ${secret}`]
    : [];

/** What Claude Code asks for, and what its table in docs/host/approvals.md says. */
export const claudeAsksChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-tools-in-table", run: toolsAreInTable(["Bash", "WebFetch"]) },
  { name: "agent-asks-for", run: asksFor },
  { name: "agent-asks-through-links", run: asksThroughLinks },
  { name: "agent-imports-nothing", run: importsNothing },
]);
