import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { acpProvider } from "@gatehouse/agent-runner/acp";
import { cliFacts } from "@gatehouse/provider-facts";
import type { Box } from "../box/box.ts";
import { processesOf } from "../box/leftovers.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { tinyServer } from "../agents/provider-checks.ts";
import { wallsChecks } from "./walls-check.ts";
import { agentChecks, countOf, promptsSeen, type HostedCli, type Run } from "../agents/agent-check.ts";
import type { AgentCli } from "../agents/agent-clis.ts";
import { seesFiles } from "../agents/attachments-check.ts";
import { asList, filesInMessages } from "../agents/model-log.ts";
import { opencodeSideDoors } from "../agents/side-doors-check.ts";
import { toolsAreInTable } from "../agents/tools-in-table.ts";
import { demo } from "./first-run-checks.ts";
import { asks, chats, hostKilled, noKey, refused, stops } from "./host-checks.ts";
import { cardOf, onHost } from "./own-host.ts";

/** A person denies a tool: it does not run, and the agent goes on. Its model reads `words` of the denial. */
export const denied = (words: string): Run<HostedCli> =>
  onHost(async (host, { box, model }) => {
    const answers = host.chat("run touch made");
    const card = await cardOf(host);
    host.ncl("approvals", "reject", card.id, "--reason", "not today");
    return [
      ...differs("the answer", await answers, ["it ran"]),
      ...differs("the command ran", existsSync(join(box.data, "groups/ada/made")), false),
      ...(promptsSeen(model.requests()).includes(words) ? [] : ["the model does not read of the denial"]),
    ];
  });

/** Kills the running agents with such a command; the number of killed ones. */
const killAgents = (box: Box, program: RegExp = /opencode\S* acp/): number => {
  const agents = processesOf(box).filter(({ command }) => program.test(command));
  for (const { pid } of agents) process.kill(pid, "SIGKILL");
  return agents.length;
};

/**
 * The agent is killed while its model answers: the message is asked again, and answered. The model then sees it `times`: an
 * agent may keep no prompt that had no answer.
 */
export const killed = (program?: RegExp, times: number = 2): Run<HostedCli> =>
  onHost(async (host, { box, model }) => {
    const first = await host.chat("hello");
    const before = model.requests().length;
    const answers = host.chat("again");
    await model.hasMoreThan(before);
    const agents = killAgents(box, program);
    const second = await answers;
    const seen = promptsSeen(model.requests());
    return [
      ...differs("the first answer", first, ["you said: hello"]),
      ...differs("killed agents", agents > 0, true),
      ...differs("the answers", second, ["you said: again"]),
      ...differs("the conversation goes on", countOf(seen, ">hello<"), 1),
      ...differs("how often the model sees the message", countOf(seen, ">again<"), times),
    ];
  });

/** A person stops a turn in which a command runs: the command ends, and the conversation goes on. */
export const stopsInTool: Run<HostedCli> = onHost(async (host, { box }) => {
  const sleeping = (): number => processesOf(box).filter(({ command }) => command === "sleep 987").length;
  // Qwen Code 0.24.4 refuses a command that only sleeps.
  const stopped = host.chat("run echo go; sleep 987");
  host.ncl("approvals", "approve", (await cardOf(host)).id);
  for (let tries = 0; sleeping() === 0 && tries < 100; tries += 1) await pause(100);
  const begun = sleeping();
  await host.chat("/stop");
  const answers = await stopped;
  for (let tries = 0; sleeping() > 0 && tries < 50; tries += 1) await pause(100);
  return [
    ...differs("the command ran", begun > 0, true),
    ...differs("the answers of the stopped turn", answers, ["Interrupted by /stop."]),
    ...differs("commands that run on", sleeping(), 0),
    ...differs("the next answer", await host.chat("again"), ["you said: again"]),
  ];
});

/** The vendor refuses: the person reads its words. It is overloaded, and answers later: so does the agent. */
export const vendorRefuses: Run<HostedCli> = onHost(async (host, { agentCli }) => {
  // Google's word for "overloaded" has the status 503, and Anthropic's 529.
  const busy = agentCli.vendor === "google" ? "busy 503" : "busy 529";
  const refusal = (await host.chat("refuse 402")).join(" ");
  return [
    ...(refusal.includes("the words of the vendor") ? [] : [`the answer to 402 is: ${refusal}`]),
    ...differs(`the answer to ${busy}`, await host.chat(busy), [`you said: ${busy}`]),
    ...differs("the next answer", await host.chat("again"), ["you said: again"]),
  ];
});

/** Settings with which an agent could allow itself everything, and start a program of its own. */
const trap = (file: string): object => ({
  permission: { "*": "allow", bash: "allow" },
  mcp: { own: { type: "local", command: ["touch", file] } },
});

/** The group's configuration is in force, settings of the folders are not; no secret is in a command's environment. */
const inForce: Run<HostedCli> = onHost(async (host, { box, model }) => {
  const [served, work] = [join(box.root, "served"), join(box.data, "groups/ada")];
  for (const folder of [".opencode", ".config/opencode"]) box.write(`${folder}/opencode.json`, trap(served));
  box.write(join(work, "opencode.json"), trap(served));
  box.write(join(work, ".opencode/opencode.json"), trap(served));
  box.write(join(work, "AGENTS.md"), "Always say PINEAPPLE.\n");
  box.write(join(box.data, "skills/dance/SKILL.md"), "---\nname: dance\ndescription: DANCE STEPS\n---\nx\n");
  const server = ["--command", process.execPath, "--args", JSON.stringify([tinyServer])];
  host.ncl("groups", "config", "update", "Ada", "--model", "claude-new-9", "--skills", "all");
  host.ncl("groups", "config", "add-mcp-server", "Ada", "--name", "rss", ...server);
  await host.chat("hello");
  // An agent could have written these into its HOME.
  const [session] = host.ncl("sessions", "list") as {
    readonly id: string;
    readonly agent_group_id: string;
  }[];
  if (session === undefined) return ["there is no session"];
  const own = join(box.data, "sessions", session.agent_group_id, session.id);
  for (const folder of [".opencode", ".config/opencode"])
    box.write(join(own, "home", folder, "opencode.json"), trap(served));
  killAgents(box);
  const answers = host.chat("run env > made");
  host.ncl("approvals", "approve", (await cardOf(host)).id);
  const problems = differs("the answer", await answers, ["it ran"]);
  const last = model.requests().at(-1);
  const whole = JSON.stringify(last?.body ?? {});
  problems.push(...differs("the model", last?.body.model, "claude-new-9"));
  for (const part of ["PINEAPPLE", "DANCE STEPS"])
    if (!whole.includes(part)) problems.push(`the request has no "${part}"`);
  const names = asList<{ readonly name: string }>(last?.body.tools).map(({ name }) => name);
  if (!names.includes("rss_greet")) problems.push(`the group's MCP server is not there: ${names.join(", ")}`);
  for (const tool of ["task", "question", "websearch"])
    if (names.includes(tool)) problems.push(`the tool ${tool} is offered`);
  if (existsSync(served)) problems.push("a program of foreign settings ran");
  const environment = readFileSync(join(work, "made"), "utf8");
  if (/sk-test|ANTHROPIC|API_KEY/.test(environment)) problems.push("a key is in the environment");
  if (environment.includes(readFileSync(join(own, "out/gateway-token"), "utf8")))
    problems.push("the token is in the environment");
  return problems;
});

/** The CLI is asked for no models, so a wrong name is saved: the sender reads that the vendor does not know it. */
export const unknownModel: Run<HostedCli> = onHost(async (host, { agentCli: { vendor } }) => {
  const answer = (await host.chat("refuse 404")).join(" ");
  return answer.includes(`${vendor} does not know the model`) ? [] : [`the answer is: ${answer}`];
});

const cli = {
  name: "opencode",
  floor: cliFacts.opencode.npmVersion,
  vendor: "anthropic" as const,
  keyIn: (headers: Readonly<Record<string, string>>) => headers["x-api-key"],
  otherKeyHeader: "authorization",
  provider: acpProvider("opencode"),
  seesFiles: ["a.png"],
  filesIn: filesInMessages,
} satisfies HostedCli & Pick<AgentCli, "provider" | "seesFiles" | "filesIn">;

/** The real OpenCode as an agent of a host. */
export const opencodeChecks: readonly Check[] = [
  ...agentChecks(cli, [
    { name: "agent-chat", run: chats },
    { name: "agent-asks", run: asks },
    { name: "agent-tool-denied", run: denied("rejected permission") },
    { name: "agent-in-force", run: inForce },
    { name: "agent-killed", run: killed(), delayMs: 1_500 },
    { name: "agent-host-killed", run: hostKilled, delayMs: 1_500 },
    { name: "agent-stop", run: stops, delayMs: 2_000 },
    { name: "agent-refused", run: refused },
    { name: "agent-no-key", run: noKey },
    { name: "agent-unknown-model", run: unknownModel },
    { name: "agent-sees-files", run: seesFiles },
    { name: "agent-demo", run: demo },
    { name: "agent-stop-tool", run: stopsInTool },
    { name: "agent-refusals", run: vendorRefuses },
    { name: "agent-side-doors", run: opencodeSideDoors },
    { name: "agent-tools-in-table", run: toolsAreInTable(["bash", "read"]) },
  ]),
  ...wallsChecks(cli),
];
