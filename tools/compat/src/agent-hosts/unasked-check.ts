import { setTimeout as pause } from "node:timers/promises";
import type { OwnTurn } from "@gatehouse/agent-runner/claude";
import type { Check } from "../check/check-all.ts";
import { differs } from "../check/differs.ts";
import { agentChecks, type Run } from "../agents/agent-check.ts";
import { agentClis } from "../agents/agent-clis.ts";
import { onHost } from "./own-host.ts";
import { ownAgent, promptOf, turnTools } from "../agents/provider-turns.ts";

const inBackground = (command: string): string =>
  `use Bash ${JSON.stringify({ command, description: "Runs it", run_in_background: true })}`;

/** Longer than the stand-in needs for a turn, ms. */
const limitMs = 60_000;

/**
 * A command in the background ends after its turn: Claude Code begins a turn by itself. The provider reports it once,
 * under an id that the next provider finds again, and the answer of the next prompt is its own.
 */
const reportsOwnTurns: Run = async (stage) => {
  const agent = ownAgent(stage);
  const reported: OwnTurn[] = [];
  const start = () => {
    const provider = agent.provider();
    provider.ownTurns?.listen((turn) => reported.push(turn));
    return provider;
  };
  const say = async (provider: ReturnType<typeof start>, text: string): Promise<string | undefined> => {
    const turn = await provider.turn(promptOf("m-1", text), turnTools(AbortSignal.timeout(limitMs)));
    return turn.ok ? turn.value.answers[0]?.text : turn.error.message;
  };
  const first = start();
  const prompt = promptOf("m-1", inBackground("sleep 3"));
  const begun = await first.turn(prompt, turnTools(AbortSignal.timeout(limitMs)));
  for (let tries = 0; tries < 200 && reported.length === 0; tries += 1) await pause(50);
  const wasRunning = first.ownTurns?.interrupt();
  first.stop();
  const next = start();
  await next.start(begun.ok ? begun.value.conversation : null);
  const again = await say(next, "and again");
  const sub = { description: "Looks", prompt: "look", subagent_type: "general-purpose" };
  const subagent = await say(next, `use Agent ${JSON.stringify(sub)}`);
  next.stop();
  const [one] = reported;
  return [
    ...differs("the turn that begins the command", begun.ok && begun.value.answers[0]?.text, "it ran"),
    ...differs("the reported turns", reported, [one, one]),
    ...differs("the text", one && { text: one.text, hasFailed: one.hasFailed }, {
      text: "it ran",
      hasFailed: false,
    }),
    ...differs("a turn runs after its end", wasRunning, false),
    ...differs("the next answer", again, "you said: and again"),
    ...differs("the answer after a subagent, which is in the foreground", subagent, "it ran"),
  ];
};

/**
 * The same by a host, where the next message already waits: the text of the unprompted turn is a message of its own
 * before the next answer. The command ends while the model writes the first answer; `sleep` is one that Claude
 * Code does not ask about.
 */
const sendsOwnTurns: Run = onHost(async (host, { model }) => {
  const first = host.chat(inBackground("sleep 1"));
  await model.hasMoreThan(0);
  const next = host.chat("and again");
  return [
    ...differs("the answer", await first, ["it ran"]),
    ...differs("what follows", await next, ["it ran", "you said: and again"]),
  ];
});

/** Turns that the CLI begins by itself. */
export const unaskedChecks: readonly Check[] = agentChecks(agentClis.claude, [
  { name: "agent-unasked", run: sendsOwnTurns, delayMs: 2_500 },
  { name: "agent-unasked-once", run: reportsOwnTurns },
]);
