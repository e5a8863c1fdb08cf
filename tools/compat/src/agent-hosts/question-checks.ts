import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, promptsSeen, type Run } from "../agents/agent-check.ts";
import { agentClis } from "../agents/agent-clis.ts";
import { planAgain, questionAgain } from "./asked-again.ts";
import { ownHost, type OwnHost } from "./own-host.ts";

type Card = {
  readonly approval_id: string;
  readonly kind: string;
  readonly status: string;
  readonly consequence: readonly string[];
};

/** The one card that waits for a person, once it is there. */
const cardOf = async ({ ncl }: OwnHost): Promise<Card> => {
  for (let tries = 0; tries < 300; tries += 1, await pause(100)) {
    const [card] = ncl("approvals", "list", "--status", "pending") as readonly Card[];
    if (card !== undefined) return ncl("approvals", "get", card.approval_id) as Card;
  }
  throw new Error("No card came within 30 s.");
};

const colour = {
  ...{ question: "Which colour?", header: "Colour", multiSelect: false },
  options: [
    { label: "Red", description: "warm" },
    { label: "Blue", description: "cold" },
  ],
};
const sizes = {
  ...{ question: "Which sizes?", header: "Size", multiSelect: true },
  options: [
    { label: "S", description: "small" },
    { label: "L", description: "large" },
  ],
};
const asking = (...questions: readonly object[]): string =>
  `use AskUserQuestion ${JSON.stringify({ questions })}`;

/** Claude asks with options; it reads the chosen ones and a person's own words, also with the policy `deny`. */
const questions: Run = async (stage) => {
  const { model } = stage;
  const host = await ownHost(stage);
  await host.up();
  host.ncl("groups", "config", "update", "Ada", "--tools", "deny");
  const answers = host.chat(asking(colour, sizes));
  const card = await cardOf(host);
  host.ncl("approvals", "answer", card.approval_id, "--text", "2; 1, XXL");
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
  host.ncl("approvals", "reject", (await cardOf(host)).approval_id, "--reason", "ask tomorrow");
  await declined;
  if (!promptsSeen(model.requests()).includes("ask tomorrow")) problems.push("the agent did not read why");
  const stopped = host.chat(asking(colour));
  await cardOf(host);
  await host.chat("/stop");
  const left = host.ncl("approvals", "list", "--status", "pending");
  problems.push(...differs("the cards after /stop", left, []));
  problems.push(...differs("the stopped message", await stopped, ["Interrupted by /stop."]));
  await host.down();
  return problems;
};

/** The host is killed while Claude waits for an answer: the next one has the same card, and Claude gets the answer. */
const survives: Run = async (stage) => {
  const { model } = stage;
  const host = await ownHost(stage);
  const first = await host.up();
  const answers = host.chat(asking(colour));
  const card = await cardOf(host);
  first.kill("SIGKILL");
  await host.up();
  host.ncl("approvals", "answer", card.approval_id, "--text", "1");
  const problems = differs("the answer", await answers, ["it ran"]);
  const cards = host.ncl("approvals", "list") as readonly Card[];
  problems.push(
    ...differs(
      "the cards",
      cards.map(({ approval_id: id }) => id),
      [card.approval_id],
    ),
  );
  if (!promptsSeen(model.requests()).includes("Red")) problems.push("the agent did not read the answer");
  await host.down();
  return problems;
};

const plan = '{"file_path":"PLAN_FILE","content":"# Plan\\n\\n1. touch it"}';
const planning = `use EnterPlanMode {} then use Write ${plan} then use ExitPlanMode {} then run touch planned`;

/** Claude shows its plan, and a tool still needs a permission afterwards, and while Claude plans. */
const plans: Run = async (stage) => {
  const { box, model } = stage;
  const host = await ownHost(stage);
  await host.up();
  const answers = host.chat(planning);
  const card = await cardOf(host);
  const lines = ["The plan, 3 lines:", "> # Plan", "> ", "> 1. touch it"];
  const problems = [
    ...differs("the kind of the card", card.kind, "question"),
    ...differs("the plan", card.consequence, lines),
  ];
  host.ncl("approvals", "approve", card.approval_id);
  const tool = await cardOf(host);
  problems.push(...differs("the kind of the next card", tool.kind, "tool"));
  host.ncl("approvals", "approve", tool.approval_id);
  problems.push(...differs("the answer", await answers, ["it ran"]));
  const made = existsSync(join(box.data, "groups/ada/planned"));
  problems.push(...differs("the file is made", made, true));
  const rejected = host.chat("use EnterPlanMode {} then use ExitPlanMode {}");
  host.ncl("approvals", "reject", (await cardOf(host)).approval_id, "--reason", "plan more");
  await rejected;
  if (!promptsSeen(model.requests()).includes("plan more")) problems.push("the agent did not read why");
  const inPlan = host.chat("run touch unplanned");
  problems.push(...differs("the card in plan mode", (await cardOf(host)).kind, "tool"));
  host.ncl("approvals", "reject", (await cardOf(host)).approval_id);
  await inPlan;
  await host.down();
  return problems;
};

type Rule = { readonly id: string; readonly rule: string | null };

/** A person allows what Claude suggests. Claude matches it, and asks again when the rule is deleted. */
const rules: Run = async (stage) => {
  const host = await ownHost(stage);
  await host.up();
  const first = host.chat("run npm test one then run npm test two");
  const card = await cardOf(host);
  const problems = differs(
    "the suggestion",
    card.consequence.at(-1),
    "Rule 1 that its CLI suggests: Bash(npm test *)",
  );
  host.ncl("approvals", "approve", card.approval_id, "--rule", "1");
  problems.push(...differs("the answer", await first, ["it ran"]));
  problems.push(...differs("the next turn", await host.chat("run npm test three"), ["it ran"]));
  const other = host.chat("run npm test four; touch more");
  const asked = await cardOf(host);
  host.ncl("approvals", "reject", asked.approval_id);
  await other;
  const [rule] = host.ncl("tool-rules", "list") as readonly Rule[];
  problems.push(...differs("the rule", rule?.rule, "Bash(npm test *)"));
  host.ncl("tool-rules", "delete", rule?.id ?? "");
  const again = host.chat("run npm test five");
  host.ncl("approvals", "reject", (await cardOf(host)).approval_id);
  await again;
  const cards = host.ncl("approvals", "list") as readonly Card[];
  problems.push(...differs("the number of cards", cards.length, 3));
  await host.down();
  return problems;
};

/** Questions and plans of the real Claude Code, and the rules that it suggests. */
export const questionChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-question", run: questions },
  { name: "agent-question-killed", run: survives },
  { name: "agent-question-again", run: questionAgain },
  { name: "agent-plan", run: plans },
  { name: "agent-plan-again", run: planAgain },
  { name: "agent-rules", run: rules },
]);
