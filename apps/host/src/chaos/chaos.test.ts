import process from "node:process";
import { expect, inject, onTestFinished, test } from "vitest";
import { newAddress } from "@gatehouse/control-plane/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import { killOften, type Seen } from "./kill-often.fixture.ts";
import { chancesFrom } from "./random.fixture.ts";

/** GATEHOUSE_CHAOS_POINTS says how often the host is killed, GATEHOUSE_CHAOS_SEED where. */
const numberIn = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const points = numberIn("GATEHOUSE_CHAOS_POINTS", 200 * inject("shareOfCases"));
const seed = numberIn("GATEHOUSE_CHAOS_SEED", Date.now() % 1_000_000);

/**
 * So many on one folder: the checks read all that was saved there, and a history keeps 200 generations, which
 * about 20 kills reach.
 */
const killsOfFolder = 10;

const options = { tags: ["slow"], timeout: 60_000 + points * 10_000 };
const what = `kill -9 at ${points} random points while four write (GATEHOUSE_CHAOS_SEED=${seed}): nothing half done, lost or done twice`;

/** `newDatabase` gives that of each data folder. */
const killAll = async (newDatabase: () => Promise<PostgresAddress | null>): Promise<void> => {
  const program = inject("programs")["host-child"];
  const seen: Seen = { stale: 0, waiting: 0, approved: 0 };
  const chances = chancesFrom(seed);
  for (let left = points; left > 0; left -= killsOfFolder) {
    const kills = Math.min(left, killsOfFolder);
    await killOften(program, { database: await newDatabase(), kills, seed, chances, seen });
  }
  // Otherwise the kills struck where nothing was under way, and the test has shown little.
  expect(seen.stale).toBeGreaterThan(points / 2);
  expect(seen.waiting).toBeGreaterThan(0);
  expect(seen.approved).toBeGreaterThan(points / 4);
};

test(what, options, () => killAll(async () => null));

const noServer = process.env["GATEHOUSE_TEST_POSTGRES"] === undefined;
test.skipIf(noServer)(`on PostgreSQL (skipped without GATEHOUSE_TEST_POSTGRES): ${what}`, options, () =>
  killAll(async () => {
    const schema = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(schema.drop);
    return schema.address;
  }),
);
