import { hostToolsOf, type HostTools } from "@gatehouse/agent-runner/claude";
import fc from "fast-check";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { runSeed, withSeed } from "../seed.ts";
import { agentChecks, type Run } from "../agents/agent-check.ts";
import { agentClis } from "../agents/agent-clis.ts";
import { cardOf, onHost } from "./own-host.ts";
import { ownAgent, promptOf, turnTools } from "../agents/provider-turns.ts";

/**
 * Kills of each turn, and number of turns. Killed a second time before the model answered its
 * continued request, Claude Code 2.1.328 never answers the prompt; the provider says so after a minute.
 */
const [killsOfTurn, turns] = [1, 12];

/** The moments of a kill. */
const moments = [
  "before the message is kept",
  "before its result",
  "after its result",
  "at any time",
] as const;
type Moment = (typeof moments)[number];

/** The tools of a host that keeps each message by its input and its occurrence. `reached` is called at each moment. */
const keepingTools = (
  kept: Map<string, number>,
  { signal, reached }: { readonly signal: AbortSignal; readonly reached: (moment: Moment) => void },
): HostTools =>
  hostToolsOf({
    groupId: "ag-1",
    send: async ({ text }, occurrence) => {
      const key = `${text} ${occurrence}`;
      reached("before the message is kept");
      if (signal.aborted) return { ok: false, error: "The turn was interrupted." };
      kept.set(key, (kept.get(key) ?? 0) + 1);
      reached("before its result");
      setTimeout(() => reached("after its result"), 100);
      return signal.aborted ? new Promise(() => {}) : { ok: true, value: [] };
    },
    ncl: () => Promise.reject(new Error("no host")),
  });

/**
 * Claude Code is killed at chosen moments of turns that send a message by the tool: each turn's message is kept once,
 * however often the turn was repeated.
 */
const sendsOnce: Run = async (stage) => {
  const kill = fc.record({ moment: fc.constantFrom(...moments), ms: fc.integer({ min: 200, max: 1_400 }) });
  const kills = fc.sample(kill, { seed: runSeed, numRuns: killsOfTurn * turns });
  const problems: string[] = [];
  const agent = ownAgent(stage);
  const kept = new Map<string, number>();
  let conversation: string | null = null;
  let provider = agent.provider();
  await provider.start(null);
  for (let turn = 0; turn < turns; turn += 1) {
    const text = `word-${turn}`;
    const prompt = promptOf(`m-${turn}`, `use mcp__gatehouse__send_message {"text":"${text}"}`);
    for (let left = killsOfTurn; ; left -= 1) {
      const { moment, ms } = (left === 0 ? undefined : kills.pop()) ?? { moment: null, ms: 0 };
      const abort = new AbortController();
      const stop = (at: Moment): void => void (at === moment && abort.abort("stop"));
      const late = setTimeout(() => stop("at any time"), ms);
      const hostTools = keepingTools(kept, { signal: abort.signal, reached: stop });
      const ended = await provider.turn(prompt, turnTools(abort.signal, { hostTools }));
      clearTimeout(late);
      if (!abort.signal.aborted) {
        if (ended.ok) conversation = ended.value.conversation;
        else problems.push(`${text}: ${ended.error.message}`);
        break;
      }
      provider.stop();
      provider = agent.provider();
      await provider.start(conversation);
    }
    const occurrences = [...kept.keys()].filter((key) => key.startsWith(`${text} `));
    if (occurrences.join() !== `${text} 0`) problems.push(`kept of ${text}: ${occurrences.join(", ")}`);
  }
  provider.stop();
  return withSeed(problems);
};

/** A file from elsewhere waits for a card, is denied by the policy `deny`, and is sent by `allow-all`. */
const asksForFiles: Run = onHost(async (host, { box }) => {
  box.write("secrets.txt", "TOP-SECRET");
  const input = { text: "look", files: [box.path("secrets.txt")] };
  const sending = `use mcp__gatehouse__send_message ${JSON.stringify(input)}`;
  const rejected = host.chat(sending);
  const card = await cardOf(host);
  host.ncl("approvals", "reject", card.id, "--reason", "not that one");
  const problems = differs("the card", card.consequence, [
    'text: "look"',
    `files: ${JSON.stringify(input.files)}`,
  ]);
  const answersTo = async (policy: string): Promise<readonly string[]> => {
    host.ncl("groups", "config", "update", "Ada", "--tools", policy, "--yes");
    return host.chat(sending);
  };
  for (const [how, answers] of [
    ["a rejection", await rejected],
    ["deny", await answersTo("deny")],
  ] as const)
    if (!answers.some((text) => text.includes("secrets.txt was not sent")))
      problems.push(`the file was sent in spite of ${how}: ${answers.join(" | ")}`);
  return [
    ...problems,
    ...differs("the answers with allow-all", await answersTo("allow-all"), ["look", "it ran"]),
    ...differs("the cards", host.ncl("approvals", "list", "--status", "pending"), []),
  ];
});

/** Messages by the host's tools, with kills of the real CLI. */
export const sendChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-asks-for-files", run: asksForFiles },
  { name: "agent-sends-once", run: sendsOnce, delayMs: 150 },
]);
