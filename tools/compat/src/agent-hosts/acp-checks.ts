import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { acpProvider } from "@gatehouse/agent-runner/acp";
import { cliFacts } from "@gatehouse/provider-facts";
import type { AcpName } from "@gatehouse/provider-facts/agents";
import {
  agentChecks,
  countOf,
  promptsSeen,
  type HostedCli,
  type Row,
  type Run,
} from "../agents/agent-check.ts";
import { toolNames, type AgentCli } from "../agents/agent-clis.ts";
import { seesFiles } from "../agents/attachments-check.ts";
import { filesInMessages, type LoggedModel, type ModelRequest } from "../agents/model-log.ts";
import { tinyServer } from "../agents/provider-checks.ts";
import type { Box } from "../box/box.ts";
import { processesOf } from "../box/leftovers.ts";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { demo } from "./first-run-checks.ts";
import { asks, chats, hostKilled, noKey, refused, stops } from "./host-checks.ts";
import { cardOf, onHost, type OwnHost } from "./own-host.ts";

/** A CLI that is an agent by the Agent Client Protocol. */
export type AcpCli = HostedCli & Pick<AgentCli, "provider" | "seesFiles" | "filesIn">;

/** A CLI of the newest version that is tried. */
export const acpCli = (name: AcpName): Pick<AcpCli, "name" | "floor" | "provider"> => ({
  name,
  floor: cliFacts[name].npmVersion,
  provider: acpProvider(name),
});

/** The part of a CLI that asks Anthropic's API. */
export const asksAnthropic: Omit<AcpCli, "name" | "floor" | "provider"> = {
  vendor: "anthropic",
  keyIn: (headers) => headers["x-api-key"],
  otherKeyHeader: "authorization",
  seesFiles: ["a.png"],
  filesIn: filesInMessages,
};

/** A person denies a tool: it does not run, and the agent goes on. Its model reads `words` of the denial. */
const denied = (words: string): Run<HostedCli> =>
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
export const killAgents = (box: Box, program: RegExp): number => {
  const agents = processesOf(box).filter(({ command }) => program.test(command));
  for (const { pid } of agents) process.kill(pid, "SIGKILL");
  return agents.length;
};

/**
 * The agent is killed while its model answers: the message is asked again, and answered. The model then sees it `times`: an
 * agent may keep no prompt that had no answer.
 */
const killed = (program: RegExp, times: number): Run<HostedCli> =>
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
const stopsInTool: Run<HostedCli> = onHost(async (host, { box }) => {
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
const vendorRefuses: Run<HostedCli> = onHost(async (host, { agentCli }) => {
  // Google's word for "overloaded" has the status 503, and Anthropic's 529.
  const busy = agentCli.vendor === "google" ? "busy 503" : "busy 529";
  const refusal = (await host.chat("refuse 402")).join(" ");
  return [
    ...(refusal.includes("the words of the vendor") ? [] : [`the answer to 402 is: ${refusal}`]),
    ...differs(`the answer to ${busy}`, await host.chat(busy), [`you said: ${busy}`]),
    ...differs("the next answer", await host.chat("again"), ["you said: again"]),
  ];
});

/** A wrong name of a model was saved, or the vendor has dropped it: the sender reads that the vendor does not know it. */
const unknownModel: Run<HostedCli> = onHost(async (host, { agentCli: { vendor } }) => {
  const answer = (await host.chat("refuse 404")).join(" ");
  return answer.includes(`${vendor} does not know the model`) ? [] : [`the answer is: ${answer}`];
});

/** The flags of an MCP server with the tool `greet`. */
export const tiny: readonly string[] = [
  "--command",
  process.execPath,
  "--args",
  JSON.stringify([tinyServer]),
];

/**
 * Gives the group a model, a skill and MCP servers, by their names their flags; then has a turn. Returns the folder of its
 * session.
 */
export const configured = async (
  host: OwnHost,
  box: Box,
  {
    model = "claude-new-9",
    servers = { rss: tiny },
  }: { readonly model?: string; readonly servers?: Readonly<Record<string, readonly string[]>> } = {},
): Promise<string> => {
  box.write(join(box.data, "skills/dance/SKILL.md"), "---\nname: dance\ndescription: DANCE STEPS\n---\nx\n");
  host.ncl("groups", "config", "update", "Ada", "--model", model, "--yes", "--skills", "all");
  for (const [name, flags] of Object.entries(servers))
    host.ncl("groups", "config", "add-mcp-server", "Ada", "--name", name, ...flags);
  await host.chat("hello");
  const [session] = host.ncl("sessions", "list") as {
    readonly id: string;
    readonly agent_group_id: string;
  }[];
  if (session === undefined) throw new Error("The group has no session.");
  return join(box.data, "sessions", session.agent_group_id, session.id);
};

/** The last request of an agent, its text, the tools in it, and what is wrong. */
type Requested = {
  readonly request: ModelRequest | undefined;
  readonly whole: string;
  readonly problems: string[];
  readonly tools: readonly string[];
};

/**
 * The agent writes its environment to a file, and a person approves that. Returns the last request and the tools in it; problems, if
 * the request lacks instructions or the skill of `configured`, or if a secret is in the environment: a text that `secrets`
 * finds, or the token in the session's folder `own`.
 */
export const inRequest = async (
  host: OwnHost,
  { box, model }: { readonly box: Box; readonly model: LoggedModel },
  { own, secrets }: { readonly own: string; readonly secrets: RegExp },
): Promise<Requested> => {
  const answers = host.chat("run env > made");
  host.ncl("approvals", "approve", (await cardOf(host)).id);
  const problems = differs("the answer", await answers, ["it ran"]);
  const request = model.requests().at(-1);
  const whole = JSON.stringify(request?.body ?? {});
  for (const part of ["PINEAPPLE", "DANCE STEPS"])
    if (!whole.includes(part)) problems.push(`the request has no "${part}"`);
  const environment = readFileSync(join(box.data, "groups/ada/made"), "utf8");
  if (secrets.test(environment))
    problems.push(`a key or a foreign variable is in the environment: ${environment}`);
  if (environment.includes(readFileSync(join(own, "out/gateway-token"), "utf8")))
    problems.push("the token is in the environment");
  return { request, whole, problems, tools: request === undefined ? [] : toolNames(request) };
};

type Differences = {
  /** Words of a person's denial, as the model reads them. */
  readonly denial: string;
  /** The command of a running agent. */
  readonly program: RegExp;
  /** How often the model sees a prompt that was asked again after a kill. */
  readonly promptsAfterKill?: number;
  readonly stop?: Run<HostedCli>;
};

/** The checks of every CLI that is an agent by ACP, and its `own`. */
export const acpChecks = (
  cli: AcpCli,
  { denial, program, promptsAfterKill = 2, stop = stops }: Differences,
  own: readonly Row<AcpCli>[],
): readonly Check[] =>
  agentChecks(cli, [
    { name: "agent-chat", run: chats },
    { name: "agent-asks", run: asks },
    { name: "agent-tool-denied", run: denied(denial) },
    { name: "agent-killed", run: killed(program, promptsAfterKill), delayMs: 1_500 },
    { name: "agent-host-killed", run: hostKilled, delayMs: 1_500 },
    { name: "agent-stop", run: stop, delayMs: 2_000 },
    { name: "agent-stop-tool", run: stopsInTool },
    { name: "agent-refused", run: refused },
    { name: "agent-refusals", run: vendorRefuses },
    { name: "agent-no-key", run: noKey },
    { name: "agent-unknown-model", run: unknownModel },
    { name: "agent-sees-files", run: seesFiles },
    { name: "agent-demo", run: demo },
    ...own,
  ]);
