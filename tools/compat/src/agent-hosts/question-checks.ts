import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ToolDecision, ToolRequest } from "@gatehouse/session-rows/messages";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, promptsSeen, type Run } from "../agents/agent-check.ts";
import { agentClis } from "../agents/agent-clis.ts";
import { ownAgent, promptOf, turnTools } from "../agents/provider-turns.ts";
import { cardOf, onHost, type Card } from "./own-host.ts";

const colour = {
  question: "Which colour?",
  header: "Colour",
  multiSelect: false,
  options: [
    { label: "Red", description: "warm" },
    { label: "Blue", description: "cold" },
  ],
};
const sizes = {
  question: "Which sizes?",
  header: "Size",
  multiSelect: true,
  options: [
    { label: "S", description: "small" },
    { label: "L", description: "large" },
  ],
};
const asking = (...questions: readonly object[]): string =>
  `use AskUserQuestion ${JSON.stringify({ questions })}`;

/** Claude asks with options; it reads the chosen ones and a person's own words, also with the policy `deny`. */
const questions: Run = onHost(async (host, { model }) => {
  host.ncl("groups", "config", "update", "Ada", "--tools", "deny");
  const answers = host.chat(asking(colour, sizes));
  const card = await cardOf(host);
  host.ncl("approvals", "answer", card.id, "--text", "2; 1, XXL");
  const problems = [
    ...differs("the kind of the card", card.kind, "question"),
    ...differs("the card", card.consequence, [
      ...["1. Choose one:", "> Colour: Which colour?", ">   1  Red: warm", ">   2  Blue: cold"],
      ...["2. Choose one or more:", "> Size: Which sizes?", ">   1  S: small", ">   2  L: large"],
    ]),
    ...differs("the answer", await answers, ["it ran"]),
  ];
  const read = promptsSeen(model.requests()).replaceAll("\\", "");
  for (const said of ['"Which colour?"="Blue"', '"Which sizes?"="S, XXL"'])
    if (!read.includes(said)) problems.push(`the agent did not read ${said}`);
  const declined = host.chat(asking(colour));
  host.ncl("approvals", "reject", (await cardOf(host)).id, "--reason", "ask tomorrow");
  await declined;
  if (!promptsSeen(model.requests()).includes("ask tomorrow")) problems.push("the agent did not read why");
  const stopped = host.chat(asking(colour));
  await cardOf(host);
  await host.chat("/stop");
  return [
    ...problems,
    ...differs("the cards after /stop", host.ncl("approvals", "list", "--status", "pending"), []),
    ...differs("the stopped message", await stopped, ["Interrupted by /stop."]),
  ];
});

/** The host is killed while Claude waits for an answer: the next host has the same card, and Claude gets the answer. */
const survives: Run = onHost(async (host, { model }) => {
  const answers = host.chat(asking(colour));
  const { id } = await cardOf(host);
  host.kill();
  await host.up();
  host.ncl("approvals", "answer", id, "--text", "1");
  const answer = await answers;
  const cards = host.ncl("approvals", "list") as readonly Card[];
  return [
    ...differs("the answer", answer, ["it ran"]),
    ...differs(
      "the cards",
      cards.map((card) => card.id),
      [id],
    ),
    ...(promptsSeen(model.requests()).includes("Red") ? [] : ["the agent did not read the answer"]),
  ];
});

const plan = '{"file_path":"PLAN_FILE","content":"# Plan\\n\\n1. touch it"}';
const planning = `use EnterPlanMode {} then use Write ${plan} then use ExitPlanMode {} then run touch planned`;

/** Claude shows its plan, and a tool still needs a permission afterwards, and while Claude plans. */
const plans: Run = onHost(async (host, { box, model }) => {
  const answers = host.chat(planning);
  const card = await cardOf(host);
  host.ncl("approvals", "approve", card.id);
  const tool = await cardOf(host);
  host.ncl("approvals", "approve", tool.id);
  const problems = [
    ...differs("the kind of the card", card.kind, "question"),
    ...differs("the plan", card.consequence, ["The plan, 3 lines:", "> # Plan", "> ", "> 1. touch it"]),
    ...differs("the kind of the next card", tool.kind, "tool"),
    ...differs("the answer", await answers, ["it ran"]),
    ...differs("the file is made", existsSync(join(box.data, "groups/ada/planned")), true),
  ];
  const rejected = host.chat("use EnterPlanMode {} then use ExitPlanMode {}");
  host.ncl("approvals", "reject", (await cardOf(host)).id, "--reason", "plan more");
  await rejected;
  if (!promptsSeen(model.requests()).includes("plan more")) problems.push("the agent did not read why");
  const inPlan = host.chat("run touch unplanned");
  const asked = await cardOf(host);
  host.ncl("approvals", "reject", asked.id);
  await inPlan;
  return [...problems, ...differs("the card in plan mode", asked.kind, "tool")];
});

type Rule = { readonly id: string; readonly rule: string | null };

/** A person allows what Claude suggests. Claude matches it, and asks again when the rule is deleted. */
const rules: Run = onHost(async (host) => {
  const rejects = async (text: string): Promise<void> => {
    const answers = host.chat(text);
    host.ncl("approvals", "reject", (await cardOf(host)).id);
    await answers;
  };
  const first = host.chat("run npm test one then run npm test two");
  const card = await cardOf(host);
  host.ncl("approvals", "approve", card.id, "--rule", "1");
  const problems = [
    ...differs("the suggestion", card.consequence.at(-2), "Rule 1 that its CLI suggests: Bash(npm test *)"),
    ...differs("the answer", await first, ["it ran"]),
    ...differs("the next turn", await host.chat("run npm test three"), ["it ran"]),
  ];
  await rejects("run npm test four; touch more");
  const [rule] = host.ncl("tool-rules", "list") as readonly Rule[];
  host.ncl("tool-rules", "delete", rule?.id ?? "");
  await rejects("run npm test five");
  const cards = host.ncl("approvals", "list") as readonly Card[];
  return [
    ...problems,
    ...differs("the rule", rule?.rule, "Bash(npm test *)"),
    ...differs("the number of cards", cards.length, 3),
  ];
});

/**
 * Claude is killed while it waits for a person. The next one asks the same: it has the same key, so that the host
 * finds the card or the answer. No host is started.
 */
const askedAgain =
  (text: string, answer: ToolDecision): Run =>
  async (stage) => {
    const { provider: start } = ownAgent(stage);
    const prompt = promptOf("m-1", text);
    const asked: ToolRequest[] = [];
    const first = start();
    await first.start(null);
    const killed = new AbortController();
    await new Promise<void>((resolve) => {
      const askTool = (request: ToolRequest): Promise<ToolDecision> => {
        asked.push(request);
        resolve();
        return new Promise(() => {});
      };
      void first.turn(prompt, turnTools(killed.signal, { askTool }));
    });
    killed.abort("stop");
    first.stop();
    const second = start();
    await second.start(null);
    const askTool = (request: ToolRequest): Promise<ToolDecision> => {
      asked.push(request);
      return Promise.resolve(answer);
    };
    const turn = await second.turn(prompt, turnTools(AbortSignal.timeout(60_000), { askTool }));
    second.stop();
    const keys = asked.map(({ tool, input, occurrence }) => [tool, input, occurrence]);
    const answers = turn.ok ? turn.value.answers : turn.error;
    return [
      ...differs("how often it is asked", asked.length, 2),
      ...differs("the second request", keys[1], keys[0]),
      ...differs("the turn", answers, [{ text: "it ran", inReplyTo: "m-1" }]),
    ];
  };

const questionAgain = askedAgain(asking(colour), { behavior: "answer", answers: ["Red"] });

const planAgain = askedAgain(
  'use EnterPlanMode {} then use Write {"file_path":"PLAN_FILE","content":"do it"} then use ExitPlanMode {}',
  { behavior: "allow" },
);

/** Questions and plans of the real Claude Code, and the rules that it suggests. */
export const questionChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-question", run: questions },
  { name: "agent-question-killed", run: survives },
  { name: "agent-question-again", run: questionAgain },
  { name: "agent-plan", run: plans },
  { name: "agent-plan-again", run: planAgain },
  { name: "agent-rules", run: rules },
]);
