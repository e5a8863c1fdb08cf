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

const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 1_000_000);

/** How much is said, and what strikes meanwhile. Each person talks to each group: a session for each pair. */
type Size = {
  readonly groups: number;
  readonly people: number;
  /** Of each session. */
  readonly messages: number;
  readonly strikes: Readonly<Record<"host" | "runner" | "restart", number>> & { readonly power?: number };
};

const messagesOf = ({ groups, people, messages }: Omit<Size, "strikes">): number =>
  groups * people * messages;

type SessionsChaos = {
  readonly what: string;
  readonly options: TestOptions;
  /** The central database is a file in the data folder, or this one. */
  readonly run: (database: PostgresAddress | null) => Promise<void>;
};

/** Hosts and runners that are killed while people talk to agents. */
export const sessionsChaos = (size: Size): SessionsChaos => {
  const { groups, people, messages, strikes } = size;
  const { host, runner, power = 0 } = strikes;
  const what = `${power === 0 ? `kill -9 of host and runners ${host + runner}` : `a power cut ${power}`} times, in ${groups * people} sessions of ${messages} messages each, with approvals and ${strikes.restart} restarts of groups among them`;
  return {
    what: `${what} (GATEHOUSE_SEED=${seed}): each message is answered once, or told as failed`,
    options: { tags: ["slow"], timeout: 900_000 },
    run: async (database) => {
      const begun = performance.now();
      const chances = chancesFrom(seed);
      const town = await openTown({ groups, people, database, disk: power === 0 ? null : makeDisk() });
      const { all: talks, until } = openTalks(town, answerCards(town, chances));
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
      // Otherwise the run has shown little.
      expect(approvals.length).toBeGreaterThan((groups * people) / 2);
      expect(intents.length).toBeGreaterThan(1);
      expect({ seed, problems: await problemsOf(town) }).toEqual({ seed, problems: [] });
    },
  };
};

/** Each card is answered once: mostly by the owner in the chat where it is shown, else by the operator. */
const answerCards = (town: Town, chances: Chances) => {
  const seen = new Set<string>();
  return ({ card }: ShownMessage, talk: Talk): void => {
    if (card === undefined || talk.person !== town.people[0] || seen.has(card.id)) return;
    seen.add(card.id);
    const verdict = chances.below(4) > 0 ? "approve" : "reject";
    if (chances.below(4) > 0) return talk.answer(card.id, verdict);
    void town.ask(`approvals-${verdict}`, { id: card.id }).then((frame) => {
      // The host was killed: the person answers instead.
      if (frame === null) talk.answer(card.id, verdict);
    });
  };
};

/** Mostly plain words. Some ask for what a person has to allow, some take time, some cannot be answered. */
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
  // Not waited for: the next strike may hit the host in the middle of it.
  restart: (town, chances) => {
    const [group = "", ...others] = town.groups;
    const id = chances.pick([group, ...others]);
    void town.ask("groups-restart", { id, message: `note ${chances.below(1_000_000)} for ${id}` });
  },
};

/** Each strike comes when so many messages were answered. */
const planOf = (
  { strikes, ...size }: Size,
  chances: Chances,
): readonly { readonly after: number; readonly strike: Strike }[] =>
  (Object.keys(strikes) as Kind[])
    .flatMap((kind) => Array.from({ length: strikes[kind] ?? 0 }, () => strikeBy[kind]))
    .map((strike) => ({ strike, after: chances.below(messagesOf(size)) }))
    .toSorted((a, b) => a.after - b.after);
