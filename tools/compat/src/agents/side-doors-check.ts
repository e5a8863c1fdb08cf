import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Provider, ProviderPlace, TurnTools } from "@gatehouse/agent-runner/claude";
import { processesOf } from "../box/leftovers.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, type HostedCli, type Run, type Stage } from "./agent-check.ts";
import { agentClis, type AgentCli } from "./agent-clis.ts";
import { tinyServers } from "./provider-checks.ts";
import { toolsAreInTable } from "./tools-in-table.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";

type SideDoorsCli = HostedCli & Pick<AgentCli, "provider">;

/** Longer than any turn here takes, also on a busy machine, ms. */
const limitMs = 180_000;

/** A prompt, and the questions about tools to which it leads, each denied. */
type Try = readonly [prompt: string, asked: readonly (readonly [tool: string, input: object])[]];

/** A secret outside of the working folder, and a folder with links to it. */
const plantLinks = ({ box }: Stage<SideDoorsCli>, { cwd }: ProviderPlace): void => {
  box.write("beside/key.txt", "TOP-SECRET");
  symlinkSync(box.path("beside"), join(cwd, "docs"));
  symlinkSync(box.path("beside/key.txt"), join(cwd, "LICENSE"));
  box.write(join(cwd, "own.txt"), "own");
  box.write(join(cwd, "sub/a.txt"), "a");
  symlinkSync(box.path("beside/key.txt"), join(cwd, "sub/AGENTS.md"));
};

type Asked = { readonly tool: string; readonly input: object };

/** Runs each try as a turn of one agent; a sentence for each difference. */
const problemsOf = async (
  provider: Provider,
  tries: readonly Try[],
  decision: Awaited<ReturnType<TurnTools["askTool"]>> = { behavior: "deny", message: "no" },
): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const [prompt, expected] of tries) {
    const asked: Asked[] = [];
    const askTool: TurnTools["askTool"] = ({ tool, input }) => {
      asked.push({ tool, input: input as object });
      return Promise.resolve(decision);
    };
    const tools = turnTools(AbortSignal.timeout(limitMs), { askTool });
    const turn = await provider.turn(promptOf("m-1", prompt), tools);
    if (!turn.ok) problems.push(`${prompt}: ${turn.error.message}`);
    const names = asked.map(({ tool }) => tool);
    problems.push(
      ...differs(
        `the tools asked for by ${prompt}`,
        names,
        expected.map(([tool]) => tool),
      ),
    );
    for (const [at, [, input]] of expected.entries())
      for (const [field, value] of Object.entries(input)) {
        const shown = (asked[at]?.input as Record<string, unknown> | undefined)?.[field];
        problems.push(...differs(`${field} asked for by ${prompt}`, shown, value));
      }
  }
  return problems;
};

const use = (tool: string, input: object): string => `use ${tool} ${JSON.stringify(input)}`;

/** A use of a tool that asks a person with this input; `null` if it asks nobody. */
const asks = (tool: string, input: object): Try => [use(tool, input), [[tool, input]]];
const asksNobody = (tool: string, input: object): Try => [use(tool, input), []];

const opencodeTries = (outside: string): readonly Try[] => [
  asksNobody("read", { filePath: "own.txt" }),
  asksNobody("glob", { pattern: "**/*" }),
  asksNobody("grep", { pattern: "own" }),
  asks("read", { filePath: "docs/key.txt" }),
  asks("read", { filePath: "docs" }),
  asks("read", { filePath: "LICENSE" }),
  asks("read", { filePath: "sub/a.txt" }),
  asks("read", { filePath: outside }),
  asks("glob", { pattern: "*", path: "docs" }),
  asks("grep", { pattern: "TOP", path: "docs" }),
  asks("grep", { pattern: "TOP", path: "LICENSE" }),
  asks("write", { filePath: "docs/new.txt", content: "x" }),
  asks("write", { filePath: ".opencode/plugins/late.js", content: "x" }),
  asks("webfetch", { url: "http://127.0.0.1:9/", format: "text" }),
  asks("bash", { command: "touch made", description: "Runs it" }),
  asks("tiny_greet", { cmd: "select 1" }),
  asks("tiny_greet", { cmd: "DROP TABLE users" }),
  asks("tiny_greet", {}),
  asks("list_mcp_resources", {}),
  asks("read_mcp_resource", { server: "tiny", uri: "tiny://any" }),
];

/** Programs of the folder, and of one above, that OpenCode would run; each makes a file in `ran`. */
const plantPrograms = (cwd: string, ran: string): void => {
  const put = (file: string, text: string): void => {
    mkdirSync(join(cwd, file, ".."), { recursive: true });
    writeFileSync(join(cwd, file), text, { mode: 0o755 });
  };
  const marks = (name: string): string =>
    `import("node:fs").then((fs) => fs.writeFileSync(${JSON.stringify(join(ran, name))}, ""));\n`;
  const plugins = [".opencode/plugins", ".opencode/plugin", "plugins", "plugin", ".opencode/tool"];
  for (const [at, folder] of plugins.entries())
    for (const kind of ["js", "ts"]) put(`${folder}/x.${kind}`, marks(`folder-${at}-${kind}`));
  put("../.opencode/plugins/x.js", marks("above"));
  for (const [at, field] of ["plugin", "plugins"].entries())
    for (const [place, folder] of [".", ".opencode", ".."].entries()) {
      const name = `json-${at}-${place}`;
      put(join(folder, `${name}.js`), marks(name));
      put(
        join(folder, at === 0 ? "opencode.json" : "opencode.jsonc"),
        JSON.stringify({ [field]: [`./${name}.js`] }),
      );
    }
  put("bunfig.toml", 'preload = ["./preload.js"]\n');
  put("preload.js", marks("preload"));
};

/** Resolves once a file is there. */
const isThere = async (file: string): Promise<void> => {
  for (const until = Date.now() + limitMs; !existsSync(file); await pause(10))
    if (Date.now() > until) throw new Error(`There is no ${file}.`);
};

/**
 * OpenCode runs no program of its folder, and reads no file behind a link unasked, also after the first prompt. A
 * plugin of this check, which OpenCode loads before the one that waits, shows that the loader has come to the plugins.
 */
export const opencodeSideDoors: Run<SideDoorsCli> = async (stage) => {
  const agent = ownAgent(stage, { mcpServers: tinyServers });
  const { cwd, folder } = agent.place;
  const ran = stage.box.folder("marks");
  plantLinks(stage, agent.place);
  plantPrograms(cwd, ran);
  const provider = agent.provider();
  await provider.start(null);
  const plugins = join(folder, "out/opencode/config/opencode/plugins");
  const seen = isThere(join(plugins, "2-end.js")).then(() =>
    writeFileSync(
      join(plugins, "0-seen.js"),
      `require("node:fs").writeFileSync(${JSON.stringify(join(stage.box.root, "seen"))}, "");`,
    ),
  );
  const play = async (): Promise<readonly string[]> => {
    const first = await problemsOf(provider, [["hello", []]]);
    if (first.length > 0) return first;
    await seen;
    await isThere(join(stage.box.root, "seen"));
    return problemsOf(provider, opencodeTries(stage.box.path("beside/key.txt")));
  };
  const problems = await play().finally(provider.stop);
  return [
    ...problems,
    ...differs("the programs that ran", readdirSync(ran), []),
    ...(JSON.stringify(stage.model.requests()).includes("TOP-SECRET") ? ["the model reads the secret"] : []),
  ];
};

/** Codex ends its commands some 30 ms after it says so (0.169.0 and 0.171.0). */
const endMs = 5_000;

/** What is left when all are gone, or when the time is up. */
const leftOf = async <T>(find: () => readonly T[]): Promise<readonly T[]> => {
  const until = Date.now() + endMs;
  while (find().length > 0 && Date.now() < until) await pause(10);
  return find();
};

const js = (code: string): string => `js ${code}`;
const command = (cmd: string): readonly [string, object] => [
  "commandExecution",
  { command: `/bin/bash -lc '${cmd}'` },
];

/** Codex takes no input for a running command, views no file, and leaves no command running after its turn. */
const codexSideDoors: Run<SideDoorsCli> = async (stage) => {
  const agent = ownAgent(stage, { mcpServers: tinyServers });
  plantLinks(stage, agent.place);
  const provider = agent.provider();
  await provider.start(null);
  const first = await problemsOf(provider, [
    ["hello", []],
    [js('await tools.exec_command({cmd:"touch made",tty:true});'), []],
    [js('await tools.view_image({path:"LICENSE"});'), []],
    [
      js('await tools.exec_command({cmd:"touch made",sandbox_permissions:"require_escalated"});'),
      [command("touch made")],
    ],
    [
      js('await tools.apply_patch("*** Begin Patch\\n*** Add File: made\\n+x\\n*** End Patch\\n");'),
      [["fileChange", {}]],
    ],
    [js('await tools.mcp__tiny__greet({cmd:"DROP"});'), [["mcp__tiny__greet", { cmd: "DROP" }]]],
  ]);
  const runs =
    'const {session_id}=await tools.exec_command({cmd:"cat > typed; sleep 987",yield_time_ms:300});';
  const types = 'text(await tools.write_stdin({session_id,chars:"x\\n",yield_time_ms:300}).catch(String));';
  const second = await problemsOf(provider, [[js(runs + types), [command("cat > typed; sleep 987")]]], {
    behavior: "allow",
  });
  const left = await leftOf(() => processesOf(stage.box).filter((each) => /^sleep 987/u.test(each.command)));
  provider.stop();
  const results = JSON.stringify(stage.model.requests().at(-1)?.body.input ?? []);
  return [
    ...first,
    ...second,
    ...differs("a denied file", existsSync(join(agent.place.cwd, "made")), false),
    ...differs("the input of the command", readFileSync(join(agent.place.cwd, "typed"), "utf8"), ""),
    ...differs("commands that run after their turn", left.length, 0),
    ...["TTY execution is disabled", "tools.view_image is not a function", "stdin is closed"]
      .filter((text) => !results.includes(text))
      .map((text) => `Codex did not say: ${text}`),
  ];
};

/** The rows of Codex's table in docs/host/approvals.md, each tried after the first prompt. */
export const codexSideDoorChecks: readonly Check[] = agentChecks(agentClis.codex, [
  { name: "agent-side-doors", run: codexSideDoors },
  // The older model has its tools in another form.
  { name: "agent-tools-in-table", run: toolsAreInTable(["exec_command"], [null, "gpt-5.5"]) },
]);
