import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { randomNumbers, withSeed } from "../seed.ts";
import { countOf, promptsSeen, type Run, type Stage } from "../agents/agent-check.ts";
import { openTalk, type Talk } from "./host-talk.ts";
import { ownHost, type OwnHost } from "./own-host.ts";
import { relayRunners, type RunnersLine } from "./runners-line.ts";

/** `GATEHOUSE_AGENT_KILLS=200` tries far more. */
const kills = Number(process.env["GATEHOUSE_AGENT_KILLS"] ?? 12);
const messages = Math.ceil(kills * 0.5);

/** Maximum kills of one message. A message whose agent ended five times has failed. */
const mostHits = 3;

/** Time limit of a message, with its kills and the waits before its next tries, ms. */
const patienceMs = 120_000;

type Said = { readonly id: string; readonly text: string; readonly word: string };

/**
 * Kills the host, the runner and the CLI at random moments, and cuts the runner's connection, while a person talks with
 * the real CLI and answers its cards. Each message reaches the model once and has one answer; only allowed commands ran.
 */
export const hostChaos: Run = async (stage) => {
  const random = randomNumbers();
  const host = await ownHost(stage);
  const running = await startHost(stage, host);
  const talk = await openTalk(stage.box.data, (text) => !text.includes("-denied"));
  const said: Said[] = [];
  let left = kills;
  for (let count = 0; count < messages || (left > 0 && count < kills * 2); count += 1) {
    const word = `word-${count}-${random() < 0.25 ? "denied" : "end"}`;
    const text = random() < 0.4 ? word : `run touch ${word}`;
    const message = { word, text, id: talk.say(text) };
    said.push(message);
    const isThere = talk.isAnswered(message.id);
    for (let hits = 0; hits < mostHits && left > 0 && random() < 0.75; hits += 1) {
      await Promise.race([isThere, pause(random() * stage.agentCli.killWithinMs)]);
      if (talk.answersTo(message.id).length > 0) break;
      if (await killOne(stage, host, running, random)) left -= 1;
    }
    const isLate = await Promise.race([isThere.then(() => false), pause(patienceMs, true, { ref: false })]);
    if (isLate) return withSeed([`${text} has no answer after ${patienceMs} ms`]);
  }
  const last = talk.say("the last one");
  await talk.isAnswered(last);
  talk.close();
  running.line.remove();
  await host.down();
  const problems = said.flatMap((message) => problemsOf(stage, talk, message));
  return withSeed(
    left > 0 ? [...problems, `only ${kills - left} of ${kills} kills hit something`] : problems,
  );
};

const problemsOf = ({ box, model }: Stage, talk: Talk, { id, text, word }: Said): readonly string[] => {
  const answers = talk.answersTo(id);
  const expected = text.startsWith("run ") ? "it ran" : `you said: ${text}`;
  const times = countOf(promptsSeen(model.requests()), `>${text}<`);
  const mayRun = text.startsWith("run ") && !word.endsWith("-denied");
  return [
    ...(answers.join() === expected ? [] : [`${text} is answered ${JSON.stringify(answers)}`]),
    ...(times === 1 ? [] : [`the model sees ${text} ${times} times`]),
    ...(existsSync(join(box.data, "groups/ada", word)) === mayRun ? [] : [`${text}: it may run: ${mayRun}`]),
  ];
};

type Running = { child: ChildProcess; line: RunnersLine };

const startHost = async ({ box }: Stage, host: OwnHost): Promise<Running> => {
  const child = await host.up();
  return { child, line: await relayRunners(box.data) };
};

/**
 * Kills the host, a runner with its process group, or a runner's CLI alone, or cuts the runner's connection. False if
 * there was none.
 */
const killOne = async (
  stage: Stage,
  host: OwnHost,
  running: Running,
  random: () => number,
): Promise<boolean> => {
  const kind = random();
  if (kind < 1 / 4) {
    const ended = once(running.child, "close");
    running.child.kill("SIGKILL");
    await ended;
    running.line.remove();
    Object.assign(running, await startHost(stage, host));
    return true;
  }
  if (kind < 2 / 4) return running.line.cut();
  const runners = runnersIn(join(stage.box.data, "processes"));
  const victims = kind < 3 / 4 ? runners.map((pid) => -pid) : runners.flatMap(childrenOf);
  return victims.filter(isKilled).length > 0;
};

const isKilled = (pid: number): boolean => {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    // The process has ended.
    return false;
  }
};

/** The leaders of the process groups that the host has on record. */
const runnersIn = (folder: string): readonly number[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const text = textOf(join(folder, name));
      return text === ""
        ? []
        : [(JSON.parse(text) as { readonly process: { readonly pid: number } }).process.pid];
    });

const childrenOf = (pid: number): readonly number[] =>
  textOf(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);

/** Empty for a file that was removed meanwhile. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};
