import process from "node:process";
import type { ShownMessage } from "@gatehouse/channels/client";
import type { PostgresAddress } from "@gatehouse/postgres";
import { expect, type TestOptions } from "vitest";
import { chancesFrom, type Chances } from "../chaos/random.fixture.ts";
import { makeDisk } from "./disk.fixture.ts";
import { problemsOf } from "./run-problems.fixture.ts";
import { centralRowsIn } from "./session-rows.fixture.ts";
import { settled } from "./settled.fixture.ts";
import { openTalks, type Talk } from "./talk.fixture.ts";
import { openTown, type Town } from "./town.fixture.ts";
import { processWorkers, type Workers } from "./workers.fixture.ts";

const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 1_000_000);

/** The number of messages and of strikes. Each person talks to each group: a session for each pair. */
type Size = {
  readonly groups: number;
  readonly people: number;
  /** Messages of each session. */
  readonly messages: number;
  readonly strikes: Readonly<Record<"host" | "runner" | "restart", number>> &
    Partial<Readonly<Record<"engine" | "monitor" | "power", number>>>;
  /** A short run may have few approvals and restarts, or none. */
  readonly isShort?: boolean;
};

const messagesOf = ({ groups, people, messages }: Omit<Size, "isShort" | "strikes">): number =>
  groups * people * messages;

type SessionsChaos = {
  readonly what: string;
  readonly options: TestOptions;
  /** Runs the test on this database; null for a file in the data folder. By default agents are processes. */
  readonly run: (database: PostgresAddress | null, workers?: Workers) => Promise<void>;
};

/** The test that kills hosts and runners, or cuts the power, while people talk to agents. */
export const sessionsChaos = (size: Size): SessionsChaos => {
  const { groups, people, messages, strikes, isShort = false } = size;
  const { host, runner, engine = 0, monitor = 0, power = 0 } = strikes;
  const kills = host + runner + engine + monitor;
  const killed = engine + monitor === 0 ? "host and runners" : "host, containers, monitors and engine";
  const what = `${power === 0 ? `kill -9 of ${killed} ${kills}` : `a power cut ${power}`} times, in ${groups * people} sessions of ${messages} messages each, with approvals and ${strikes.restart} restarts of groups among them`;
  return {
    what: `${what} (GATEHOUSE_SEED=${seed}): each message is answered once, or reported as failed`,
    options: { tags: ["soak"], timeout: 900_000 },
    run: async (database, workers = processWorkers) => {
      const begun = performance.now();
      const chances = chancesFrom(seed);
      const town = await openTown({
        groups,
        people,
        database,
        workers,
        disk: power === 0 ? null : makeDisk(),
      });
      const { all: talks, until } = openTalks(town, answerCards(town, chances));
      await Promise.all(talks.map(({ welcomed }) => welcomed));
      for (const talk of talks)
        for (let index = 0; index < messages; index += 1) talk.say(textOf(talk, index, chances));
      const answered = (): number => talks.reduce((sum, talk) => sum + talk.answered(), 0);
      for (const { after, strike } of planOf(size, chances)) {
        await until(() => answered() >= after);
        await strike(town, chances);
      }
      await until(() => answered() === messagesOf(size));
      await settled(town);
      await town.stop();
      const seconds = Math.round((performance.now() - begun) / 1_000);
      const where = database === null ? "a file" : "PostgreSQL";
      console.log(
        `chaos of sessions on ${where}: ${messagesOf(size)} messages in ${seconds} s, seed ${seed}`,
      );
      const { approvals, intents } = await centralRowsIn(town);
      // With fewer approvals or restarts the run has shown little.
      if (!isShort) {
        expect(approvals.length).toBeGreaterThan((groups * people) / 2);
        expect(intents.length).toBeGreaterThan(1);
      }
      const problems = await problemsOf(town);
      // The message names some: a report may show no more of a list than its length.
      expect(problems, `seed ${seed}: ${problems.slice(0, 3).join("\n")}`).toEqual([]);
    },
  };
};

/** Answers each card once: in most cases by the owner in the chat that shows it, else by the operator. */
const answerCards = (town: Town, chances: Chances) => {
  const seen = new Set<string>();
  return ({ card }: ShownMessage, talk: Talk): void => {
    if (card === undefined || talk.person !== town.people[0] || seen.has(card.id)) return;
    seen.add(card.id);
    const verdict = chances.below(4) > 0 ? "approve" : "reject";
    if (chances.below(4) > 0) return talk.answer(card, verdict);
    void town.ask(`approvals-${verdict}`, { id: card.id }).then((frame) => {
      // The host was killed: the person answers instead.
      if (frame === null) talk.answer(card, verdict);
    });
  };
};

/** A message: mostly plain text, sometimes a request that needs approval, a slow turn, or a turn that fails. */
const textOf = ({ group, person }: Talk, index: number, chances: Chances): string => {
  const name = `${person.replace("local:", "")}-${group}-${index}`;
  const chance = chances.below(1000);
  if (chance < 10) return `/ncl groups restart ${group} --message "restarted for ${name}"`;
  if (chance < 30) return `/ncl groups config update ${group} --model ${name}`;
  // A turn that fails ends every message of its batch.
  if (chance < 34) return `/fail because of ${name}`;
  if (chance < 60) return `/slow ${10 * (1 + chances.below(10))}`;
  return `${name} says something`;
};

type Kind = keyof Size["strikes"];
type Strike = (town: Town, chances: Chances) => unknown;

const strikeBy: Readonly<Record<Kind, Strike>> = {
  host: (town) => town.killHost(),
  power: (town) => town.cutPower(),
  runner: (town, chances) => town.killRunner(chances),
  monitor: (town, chances) => town.killMonitor(chances),
  engine: (town) => town.killEngine(),
  // The restart is not awaited: the next strike may come while the host carries it out.
  restart: (town, chances) => {
    const [group = "", ...others] = town.groups;
    const id = chances.pick([group, ...others]);
    void town.ask("groups-restart", { id, message: `note ${chances.below(1_000_000)} for ${id}` });
  },
};

/** Gives each strike a random number of answered messages, after which it comes. */
const planOf = (
  { strikes, ...size }: Size,
  chances: Chances,
): readonly { readonly after: number; readonly strike: Strike }[] =>
  (Object.keys(strikes) as Kind[])
    .flatMap((kind) => Array.from({ length: strikes[kind] ?? 0 }, () => strikeBy[kind]))
    .map((strike) => ({ strike, after: chances.below(messagesOf(size)) }))
    .toSorted((a, b) => a.after - b.after);
