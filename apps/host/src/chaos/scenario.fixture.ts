import process from "node:process";
import { newAddress } from "@gatehouse/central-database/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import { expect, onTestFinished, test, type TestOptions } from "vitest";
import { factsOf } from "./facts.fixture.ts";
import { faults } from "./faults.fixture.ts";
import { problemsOf } from "./invariants.fixture.ts";
import { cardAnswerer, mixes, textOf, type Mix } from "./load.fixture.ts";
import { processes, type PlaceRow } from "./places.fixture.ts";
import { chancesFrom, points, seed, type Chances } from "./random.fixture.ts";
import { centralIn, openIn } from "./rows.fixture.ts";
import { openWorld, type World, type WorldSize } from "./world.fixture.ts";

/** The database of a world: a file in the data folder, or a new schema of the test's server. */
export type DatabaseName = "a file" | "PostgreSQL";

export const whyNoDatabase = (name: DatabaseName): string | null =>
  name === "PostgreSQL" && process.env["GATEHOUSE_TEST_POSTGRES"] === undefined
    ? "without GATEHOUSE_TEST_POSTGRES"
    : null;

export const newDatabase = async (name: DatabaseName): Promise<PostgresAddress | null> => {
  if (name === "a file") return null;
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  onTestFinished(schema.drop);
  return schema.address;
};

/** A row: a world, what its people say, and what goes wrong meanwhile. */
export type Scenario = WorldSize & {
  readonly what?: string;
  readonly on: DatabaseName;
  /** By default agents are processes. */
  readonly place?: PlaceRow;
  /** Messages of each conversation. */
  readonly messages: number;
  /** By default all messages are plain. */
  readonly mix?: Mix;
  /** How often each of `faults` comes. */
  readonly faults: Readonly<Record<string, number>>;
  /** Names of invariants that do not hold of this world. */
  readonly except?: readonly string[];
  /** Further checks: of the world before its first message, when all messages are answered, and at rest. */
  readonly atStart?: (world: World) => Promise<void>;
  readonly whenAnswered?: (world: World) => Promise<void>;
  readonly atRest?: (world: World) => Promise<void>;
};

type Planned = { readonly what: string; readonly options: TestOptions; readonly run: () => Promise<void> };

/**
 * The test of a scenario: faults come at random moments of its load. Once all is answered and at rest, each invariant must
 * hold.
 */
export const chaosOf = (scenario: Scenario): Planned => {
  const { messages, mix = mixes.plain, place = processes, what = "", except = [] } = scenario;
  const all = Object.entries(scenario.faults).filter(([, count]) => count > 0);
  for (const [name] of all) if (!(name in faults)) throw new Error(`There is no fault "${name}".`);
  const people = Object.entries(scenario.people).map(([door, count]) => `${count} at ${door}`);
  const where = `${scenario.hosts ?? 1} host${scenario.hosts === 2 ? "s" : ""} on ${scenario.on}`;
  return {
    what: `${what === "" ? "" : `${what}: `}${where}, ${scenario.groups} groups, people (${people.join(", ")}), ${messages} messages in each conversation; ${all.map(([name, count]) => `${name} (${count})`).join(", ")} (GATEHOUSE_SEED=${seed}): each message is answered once, or told as failed`,
    options: { tags: ["soak"], timeout: 1_800_000 },
    run: async () => {
      const begun = performance.now();
      const chances = chancesFrom(seed);
      const database = await newDatabase(scenario.on);
      const made = await place.make({ hosts: scenario.hosts ?? 1, database });
      const world = await openWorld(scenario, made, database);
      await scenario.atStart?.(world);
      const answerCards = cardAnswerer(world, chances);
      for (let index = 0; index < messages; index += 1)
        for (const talk of world.talks) talk.say(textOf(mix, talk, index, chances));
      const total = world.talks.reduce((sum, { said }) => sum + said.length, 0);
      const isAnswered = (count: number) =>
        world.until(async () => {
          answerCards();
          return (await world.answered()) >= count;
        });
      const struck: string[] = [];
      const story = (problems: readonly string[]): string =>
        [`seed ${seed}`, ...struck.slice(-10), ...problems].join("\n");
      try {
        for (const { after, name } of planOf(scenario, total, chances)) {
          await isAnswered(after);
          const seconds = Math.round((performance.now() - begun) / 1_000);
          struck.push(`${seconds} s, ${after} answered: ${name}`);
          await faults[name]?.(world, chances);
        }
        await isAnswered(total);
        await scenario.whenAnswered?.(world);
        await world.until(async () => {
          answerCards();
          return openIn(await centralIn(world)).length === 0;
        }, 500);
      } catch (error) {
        const facts = await factsOf(world);
        const missing = [...openIn(facts).slice(0, 5), ...problemsOf(facts, except)];
        throw new Error(`${String(error)}\n${story(missing)}`, { cause: error });
      }
      await scenario.atRest?.(world);
      await world.stop();
      const facts = await factsOf(world);
      const seconds = Math.round((performance.now() - begun) / 1_000);
      console.log(
        `chaos, ${where}: ${total} messages, ${struck.length} faults in ${seconds} s, seed ${seed}`,
      );
      const problems = problemsOf(facts, except);
      // The message names some: a report may show no more of a list than its length.
      expect(problems, story(problems)).toEqual([]);
      // With fewer approvals or restarts, a full run of requests has shown little.
      if (mix !== mixes.requests || total < 500) return;
      expect(facts.approvals.length).toBeGreaterThan(world.talks.length / 2);
      expect(facts.intents.length).toBeGreaterThan(1);
    },
  };
};

/** Gives each fault a random number of answered messages, after which it comes. */
const planOf = (scenario: Scenario, total: number, chances: Chances) =>
  Object.entries(scenario.faults)
    .flatMap(([name, count]) => Array.from({ length: count }, () => name))
    .map((name) => ({ name, after: chances.below(total) }))
    .toSorted((a, b) => a.after - b.after);

/** As many faults as GATEHOUSE_POINTS says, in their proportions, over as many messages as that needs. */
const scaled = (scenario: Scenario): Scenario => {
  if (points === null) return scenario;
  const part = points / Object.values(scenario.faults).reduce((sum, count) => sum + count, 0);
  const share = (count: number): number => Math.max(1, Math.round(count * part));
  const shares = Object.entries(scenario.faults).map(([name, count]) => [name, count && share(count)]);
  return {
    ...scenario,
    messages: Math.max(20, Math.min(scenario.messages, share(scenario.messages))),
    faults: Object.fromEntries(shares) as Scenario["faults"],
  };
};

/** Adds the tests of these scenarios. Each that cannot run here says why. */
export const chaosTests = (...scenarios: readonly Scenario[]): void => {
  for (const scenario of scenarios) {
    const why = whyNoDatabase(scenario.on) ?? scenario.place?.why ?? null;
    const { what, options, run } = chaosOf(scaled(scenario));
    test.skipIf(why !== null)(why === null ? what : `${what} (skipped ${why})`, options, run);
  }
};
