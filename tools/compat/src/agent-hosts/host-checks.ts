import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, countOf, promptsSeen, type HostedCli, type Run } from "../agents/agent-check.ts";
import { agentClis, type AgentCli } from "../agents/agent-clis.ts";
import { asList, type ModelRequest } from "../agents/model-log.ts";
import { hostChaos } from "./host-chaos-check.ts";
import { openTalk } from "./host-talk.ts";
import { models, savedModels } from "./models-check.ts";
import { cardOf, onHost, ownHost } from "./own-host.ts";

/** People talk with the real CLI by the host: with its gateway, its key and its sockets. */
export const chats: Run<HostedCli> = onHost(async (host, { model, agentCli }) => {
  const answers = [...(await host.chat("hello")), ...(await host.chat("and again"))];
  await host.down();
  const last = model.requests().at(-1);
  const { usage } = JSON.parse(host.gatehouse(["usage", "--json"])) as { readonly usage: readonly object[] };
  const [used] = usage as readonly { readonly requests: number; readonly inputTokens: number }[];
  return [
    // The stand-in charges one token for each input. Claude Code also asks for titles.
    ...differs("the counted requests", used?.requests, model.requests().length),
    ...differs("the counted tokens", used?.inputTokens, model.requests().length),
    ...differs("the answers", answers, ["you said: hello", "you said: and again"]),
    ...differs("the key that the vendor got", agentCli.keyIn(last?.headers ?? {}), "sk-test-0123456789"),
    ...differs("the header of the CLI", last?.headers[agentCli.otherKeyHeader], undefined),
  ];
});

/** The agent asks a person whether it may run a command, and runs it once the person has allowed it. */
export const asks: Run<HostedCli> = onHost(async (host, { box }) => {
  const made = join(box.data, "groups/ada/made");
  const answers = host.chat("run touch made");
  const card = await cardOf(host);
  const before = existsSync(made);
  host.ncl("approvals", "approve", card.id);
  return [
    ...differs("the kind of the card", card.kind, "tool"),
    ...differs("the command ran before it was allowed", before, false),
    ...differs("the answer", await answers, ["it ran"]),
    ...differs("the command ran", existsSync(made), true),
  ];
});

/** The host is killed while an agent answers: the next host delivers one answer, and the conversation goes on. */
export const hostKilled: Run<HostedCli> = onHost(async (host, { model }) => {
  const answers = host.chat("hello");
  await model.hasMoreThan(0);
  host.kill();
  await host.up();
  return [
    ...differs("the answers", await answers, ["you said: hello"]),
    ...differs("the next answer", await host.chat("again"), ["you said: again"]),
  ];
});

/** The same with a CLI that sees each message once. */
const survives: Run = async (stage) => [
  ...(await hostKilled(stage)),
  ...differs(
    "how often the model sees the message",
    countOf(promptsSeen(stage.model.requests()), ">hello<"),
    1,
  ),
];

/**
 * A person stops a turn while the agent writes: the message fails, and the conversation goes on. `seen`: how often the model
 * sees the stopped message then.
 */
export const stopsSeen = (seen: number): Run<HostedCli> =>
  onHost(async (host, { model }) => {
    const stopped = host.chat("hello");
    await model.hasMoreThan(0);
    await host.chat("/stop");
    return [
      ...differs("the answers of a stopped turn", await stopped, ["Interrupted by /stop."]),
      ...differs("the next answer", await host.chat("again"), ["you said: again"]),
      ...differs(
        "how often the model sees the stopped message",
        countOf(promptsSeen(model.requests()), ">hello<"),
        seen,
      ),
    ];
  });

export const stops: Run<HostedCli> = stopsSeen(1);

const toolCall = (tool: string, input: object): string =>
  `use mcp__gatehouse__${tool} ${JSON.stringify(input)}`;

/** The agent uses the tools of the host: no person is asked, and a message arrives before the answer. */
const usesTools: Run = onHost(async (host, { box, model }) => {
  writeFileSync(join(box.data, "groups/ada/report.txt"), "all is well");
  const sent = await host.chat(toolCall("send_message", { text: "see this", files: ["report.txt"] }));
  const lost = await host.chat(toolCall("send_message", { text: "hi", to: "nobody" }));
  const listed = await host.chat(toolCall("ncl", { argv: ["groups", "list"] }));
  const refused = await host.chat(toolCall("ncl", { argv: ["groups", "delete", "nothing"] }));
  const [own] = host.ncl("groups", "list") as readonly { readonly id: string }[];
  const seen = promptsSeen(model.requests());
  const results = ["Sent to this chat.", 'You have no destination \\"nobody\\".', own?.id ?? "", "error: "];
  return [
    ...differs("the answers to send_message", sent, ["see this", "it ran"]),
    ...differs("the answers to a message that cannot be sent", lost, ["it ran"]),
    ...differs("the answers to ncl", [...listed, ...refused], ["it ran", "it ran"]),
    ...differs("the cards", host.ncl("approvals", "list"), []),
    ...results.filter((text) => !seen.includes(text)).map((text) => `the agent does not read: ${text}`),
  ];
});

/** The group has used up its day: the sender reads the gateway's sentence, and nothing reaches the model. */
export const refused: Run<HostedCli> = onHost(async (host, { model }) => {
  host.ncl("groups", "config", "update", "Ada", "--max-requests-per-day", "1");
  const [first, second = ""] = [...(await host.chat("hello")), ...(await host.chat("and again"))];
  await host.down();
  return [
    ...differs("the first answer", first, "you said: hello"),
    ...(/^No answer: Ada has answered as often as it may today\. It goes on at \S+ 00:00 \(.*\)\.$/.test(
      second,
    )
      ? []
      : [`the second answer is: ${second}`]),
    ...differs("the requests at the model", model.requests().length, 1),
  ];
});

/** The host has lost its key: the sender reads which key, and how to add it, and nothing reaches the model. */
export const noKey: Run<HostedCli> = async (stage) => {
  const { vendor } = stage.agentCli;
  const host = await ownHost(stage);
  host.gatehouse(["secrets", "remove", vendor]);
  await host.up();
  const answer = (await host.chat("hello")).join(" ");
  await host.down();
  const says = `This host has no key for ${vendor}. The operator adds one: gatehouse secrets set ${vendor}`;
  return [
    ...(answer.includes(says) ? [] : [`the answer is: ${answer}`]),
    ...differs("the requests at the model", stage.model.requests().length, 0),
  ];
};

/** The answers of a person whose vendor refuses a request, or cuts its answer. */
const refusals: Run = onHost(async (host) => {
  const problems: string[] = [];
  for (const [prompt, says] of refusalRows) {
    const answers = await host.chat(prompt);
    if (!answers.some((answer) => says.test(answer)))
      problems.push(`${prompt}: the answers ${JSON.stringify(answers)} do not match ${says.source}.`);
  }
  return problems;
});

/** A prompt of the stand-in, and the words that a person reads. */
const refusalRows: readonly (readonly [string, RegExp])[] = [
  ["refuse 401", /anthropic refuses this host's key/],
  ["refuse 403", /anthropic refuses this host's key/],
  ["refuse 404", /anthropic does not know the model/],
  ["busy 429", /^you said: busy 429$/],
  ["busy 529", /^you said: busy 529$/],
  ["cut", /^you said: cut$/],
];

/**
 * A request costs more than a person may spend in a day, and they read which limit that is. The stand-in charges two
 * tokens for each answer.
 */
const budgets: Run = onHost(async (host) => {
  host.ncl("users", "update", "local:ana", "--max-cost-per-day", "100");
  const unpriced = (await host.chat("hello")).join(" ");
  const name = /no price of (\S+), so it is refused/.exec(unpriced)?.[1];
  if (name === undefined) return [`The model has no price, and the answer was: ${unpriced}`];
  const setPrice = (input: string): string =>
    host.gatehouse([
      ...["prices", "set", name, "--input", input],
      ..."--output 0 --cache-read 0 --cache-write 0 --currency USD".split(" "),
    ]);
  setPrice("999999");
  const refusal = (await host.chat("one")).join(" ");
  setPrice("0.01");
  const answered = await host.chat("two");
  const needsMore =
    "may use less in a day than one answer takes. It goes on when the operator raises the limit.";
  const usage = host.gatehouse(["usage", "--by", "person", "--json"]);
  return [
    ...(refusal === `No answer: local:ana ${needsMore}` ? [] : [`The refusal is: ${refusal}`]),
    ...(answered.includes("you said: two") ? [] : [`The answer is: ${answered.join(" ")}`]),
    ...(/"person":"local:ana"/.test(usage) ? [] : [`The usage is: ${usage}`]),
  ];
});

const words = ["one", "two", "three", "four", "five"];

/** Five messages arrive while the agent answers the first: no prompt has more of them than the configuration says. */
const promptSize: Run = onHost(async (host, { model, box }) => {
  host.ncl("groups", "config", "update", "Ada", "--max-messages-per-prompt", "2");
  // A pipe sends its next line after the answer; an open conversation does not wait.
  const talk = await openTalk(box.data, () => false);
  const [last] = words.map((word) => talk.say(`word-${word}`)).slice(-1);
  await talk.isAnswered(last ?? "").finally(talk.close);
  const requests = model.requests();
  const seen = promptsSeen(requests);
  return [
    ...differs("the messages of the largest prompt", Math.max(...requests.map(messagesIn)), 2),
    ...words.flatMap((word) =>
      differs(`how often the model sees ${word}`, countOf(seen, `>word-${word}<`), 1),
    ),
  ];
});

/** The number of people's messages in the last prompt of a request. */
const messagesIn = ({ body }: ModelRequest): number => {
  const items = asList<{ readonly role?: string }>(body.messages ?? body.input);
  return countOf(JSON.stringify(items.findLast(({ role }) => role === "user") ?? null), "<message id=");
};

/** Hosts whose agent is the real CLI, with a stand-in of the model's API behind their gateway. */
export const hostChecks = (agentCli: AgentCli): readonly Check[] =>
  agentChecks(agentCli, [
    { name: "agent-chat", run: chats, isForAll: true },
    { name: "agent-asks", run: asks, isForAll: true },
    { name: "agent-host-killed", run: survives, delayMs: 1_500, isForAll: true },
    { name: "agent-host-chaos", run: hostChaos, delayMs: 150 },
    { name: "agent-stop", run: stops, delayMs: 2_000, isForAll: true },
    { name: "agent-refused", run: refused },
    { name: "agent-no-key", run: noKey },
    { name: "agent-prompt-size", run: promptSize, delayMs: 1_500 },
    { name: "agent-models", run: savedModels },
    { name: "agent-model-levels", run: models, delayMs: 1_000 },
    ...(agentCli.hasHostTools ? [{ name: "agent-tools", run: usesTools }] : []),
    // The stand-in refuses by its Messages API only.
    ...(agentCli === agentClis.claude
      ? [
          { name: "agent-refusals", run: refusals },
          { name: "agent-budget", run: budgets },
        ]
      : []),
  ]);
