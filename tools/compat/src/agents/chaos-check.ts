import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { Prompt, Provider } from "@gatehouse/agent-runner/claude";
import { endProcesses } from "../box/leftovers.ts";
import { randomNumbers, withSeed } from "../seed.ts";
import { countOf, promptsSeen, type Run, type Stage } from "./agent-check.ts";
import { ownAgent, promptOf, turnTools, type OwnAgent } from "./provider-turns.ts";

/** `GATEHOUSE_AGENT_KILLS=200` tries ten times as many. */
const kills = Number(process.env["GATEHOUSE_AGENT_KILLS"] ?? 20);
const messages = Math.ceil(kills * 0.3);

/** A kill that comes after its turn hits nothing, so there may be more messages until all kills are used. */
const mostMessages = kills * 3;

/**
 * The CLI is killed at random moments of its turns, alone or with its runner, and a new one goes on each time. Each
 * prompt is once in the conversation and in what the model is asked, and is answered once.
 */
export const chaos: Run = async (stage) => {
  const random = randomNumbers();
  const problems: string[] = [];
  const agent = ownAgent(stage);
  const running: Running = { provider: agent.provider(), conversation: null, left: kills };
  await running.provider.start(null);
  const batches: string[] = [];
  for (let count = 0; count < messages || (running.left > 0 && count < mostMessages); count += 1) {
    const text = random() < 0.5 ? `word-${count}-end` : `run echo word-${count}-end >> log`;
    const prompt = promptOf(`m-${count}`, text);
    batches.push(prompt.batch);
    const answer = await answerThroughKills(stage, agent, running, { prompt, random });
    if (answer !== "it ran" && answer !== `you said: ${text}`)
      problems.push(`m-${count} is answered: ${answer}`);
  }
  if (running.left > 0) problems.push(`only ${kills - running.left} of ${kills} kills hit a turn`);
  // The last request has the whole conversation in it.
  await running.provider.turn(promptOf("m-last", "the last one"), turnTools(AbortSignal.timeout(60_000)));
  running.provider.stop();
  const seen = promptsSeen(stage.model.requests());
  const onDisk = await stage.agentCli.promptsOnDisk(agent.place, running.conversation ?? "");
  for (const [count, batch] of batches.entries()) {
    // Once as said, or in a command. Claude Code ends a prompt with a line break where it adds words of its own.
    const shown = seen.replaceAll('\\n"', '"');
    const said =
      countOf(shown, `"word-${count}-end"`) + countOf(shown, `"run echo word-${count}-end >> log"`);
    if (said !== 1) problems.push(`the model sees m-${count} ${said} times`);
    const times = onDisk.filter((each) => each === batch).length;
    if (times !== 1) problems.push(`m-${count} is ${times} times in the conversation`);
  }
  return withSeed(problems);
};

type Running = { provider: Provider; conversation: string | null; left: number };

/** The answer to a prompt, with as many kills as chance makes; a sentence if the turn fails. */
const answerThroughKills = async (
  stage: Stage,
  agent: OwnAgent,
  running: Running,
  { prompt, random }: { readonly prompt: Prompt; readonly random: () => number },
): Promise<string> => {
  for (;;) {
    const abort = new AbortController();
    const turn = running.provider.turn(prompt, turnTools(abort.signal));
    const isKilled = running.left > 0 && random() < 0.75;
    if (isKilled) await Promise.race([turn, pause(random() * stage.agentCli.killWithinMs)]);
    if (isKilled && !(await Promise.race([turn.then(() => true), pause(0, false)]))) {
      running.left -= 1;
      const isAlone = random() < 0.5;
      if (isAlone) endProcesses(stage.box, agent.place.folder);
      else abort.abort("stop");
      const cut = await turn;
      if (isAlone && cut.ok)
        return ((running.conversation = cut.value.conversation), cut.value.answers[0]?.text ?? "");
      if (isAlone && !cut.ok && cut.error.code !== "unavailable") return cut.error.message;
      if (isAlone) continue;
      running.provider.stop();
      running.provider = agent.provider();
      await running.provider.start(running.conversation);
      continue;
    }
    const ended = await turn;
    if (!ended.ok) return ended.error.message;
    running.conversation = ended.value.conversation;
    return ended.value.answers[0]?.text ?? "";
  }
};
