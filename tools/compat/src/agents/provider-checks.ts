import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, countOf, promptsSeen, type Run, type Stage } from "./agent-check.ts";
import { toolNames, type AgentCli } from "./agent-clis.ts";
import { seesFiles } from "./attachments-check.ts";
import { chaos } from "./chaos-check.ts";
import { compacts } from "./compact-check.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";
import { sandboxed } from "./sandbox-check.ts";

/** The request follows the group's configuration, and the project's own settings start no program. */
const inForce: Run = async (stage) => {
  const { box, agentCli } = stage;
  const { place, provider: start } = ownAgent(stage, {
    model: agentCli.model,
    effort: "low",
    mcpServers: { tiny: { command: process.execPath, args: [tinyServer] } },
  });
  writeFileSync(join(place.cwd, agentCli.instructions), "Always say PINEAPPLE.\n");
  // A project's own hooks and servers must not run without consent.
  for (const [file, value] of Object.entries(agentCli.projectSettings(box.root)))
    box.write(join(place.cwd, file), value);
  // Codex would write its trust for a repository.
  box.repository("session/work");
  box.write(
    join(place.folder, "in/skills/dance/SKILL.md"),
    "---\nname: dance\ndescription: DANCE STEPS\n---\nx\n",
  );
  // The host links them into the working folder too.
  for (const folder of [".claude", ".agents"]) {
    mkdirSync(join(place.cwd, folder), { recursive: true });
    symlinkSync(join(place.folder, "in/skills"), join(place.cwd, folder, "skills"));
  }
  const provider = start();
  await provider.start(null);
  const asked: string[] = [];
  const tools = turnTools(AbortSignal.timeout(60_000), {
    askTool: ({ tool }) => {
      asked.push(tool);
      return Promise.resolve({ behavior: "allow" });
    },
  });
  const called = await provider.turn(promptOf("m-0", agentCli.callsServer), tools);
  const turn = await provider.turn(promptOf("m-1", agentCli.mentions), tools);
  const servers = called.ok && called.value.answers[0]?.text;
  const answers = turn.ok ? turn.value.answers : turn.error;
  const said = [{ text: `you said: ${agentCli.mentionsSeen}`, inReplyTo: "m-1" }];
  const problems = [
    ...differs("the server's answer", servers, "it ran"),
    ...differs("asked", asked, ["mcp__tiny__greet"]),
    ...differs("the answer", answers, said),
    ...requestProblems(stage),
    ...agentCli.settingsProblems(place),
  ];
  for (const file of ["hooked", "served"])
    if (existsSync(join(box.root, file))) problems.push(`the project's own program ran: ${file}`);
  provider.stop();
  return problems;
};

/** An MCP server with the tool `greet`. */
export const tinyServer: string = fileURLToPath(
  new URL("../../../../test-fixtures/programs/tiny-mcp.mjs", import.meta.url),
);

/** The MCP server of a group, which offers a tool and resources. */
export const tinyServers: Required<NonNullable<Parameters<typeof ownAgent>[1]>>["mcpServers"] = {
  tiny: { command: process.execPath, args: [tinyServer], env: { TINY_RESOURCES: "1" } },
};

const requestProblems = ({ agentCli, model }: Stage): string[] => {
  const last = model.requests().at(-1);
  if (last === undefined) return ["there was no request"];
  const whole = JSON.stringify(last.body);
  const names = toolNames(last);
  return [
    ...differs("the model", last.body.model, agentCli.model),
    ...differs("the effort", agentCli.effortIn(last.body), agentCli.effort),
    ...differs("the token", last.headers["authorization"], "Bearer token-of-the-agent"),
    ...differs("how often the skill is named", countOf(whole, "DANCE STEPS"), 1),
    ...["PINEAPPLE", agentCli.mentionsSeen].flatMap((part) =>
      whole.includes(part) ? [] : [`the request has no "${part}"`],
    ),
    ...agentCli.offTools.flatMap((tool) => (names.includes(tool) ? [`the tool ${tool} is offered`] : [])),
  ];
};

/** A person denies a tool: it does not run, and the agent goes on. */
const denied: Run = async (stage) => {
  const { place, provider: start } = ownAgent(stage);
  const provider = start();
  await provider.start(null);
  const asked: unknown[] = [];
  const written: string[] = [];
  const tools = turnTools(AbortSignal.timeout(60_000), {
    showText: (text) => void written.push(text),
    askTool: (request) => {
      asked.push(request);
      return Promise.resolve({ behavior: "deny", message: "not today" });
    },
  });
  const turn = await provider.turn(promptOf("m-1", "run touch made"), tools);
  provider.stop();
  const question = stage.agentCli.question("touch made", place.cwd);
  const suggestions = stage.agentCli.suggests?.("touch made");
  const more = suggestions === undefined ? {} : { suggestions };
  return [
    ...differs("asked", asked, [
      { messageId: "m-1", ...question, occurrence: 0, mayHaveRun: false, ...more },
    ]),
    ...differs("the turn", turn.ok, true),
    ...differs("what it was writing", written.at(-1), "it ran"),
    ...differs("the file was made", existsSync(join(place.cwd, "made")), false),
    ...(promptsSeen(stage.model.requests()).includes("not today")
      ? []
      : ["the model does not read the reason"]),
  ];
};

/** Real CLIs as the provider of the agent runner, without a host. */
export const providerChecks = (agentCli: AgentCli): readonly Check[] =>
  agentChecks(agentCli, [
    { name: "agent-chaos", run: chaos, delayMs: 150 },
    { name: "agent-compacts", run: compacts },
    { name: "agent-in-force", run: inForce, isForAll: true },
    { name: "agent-tool-denied", run: denied, isForAll: true },
    { name: "agent-sees-files", run: seesFiles },
    ...(agentCli.hasSandbox === null ? [] : [{ name: "agent-sandbox", run: sandboxed }]),
  ]);
