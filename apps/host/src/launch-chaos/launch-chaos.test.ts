// @module-tag soak
import process from "node:process";
import { expect, test } from "vitest";
import { chancesFrom } from "../chaos/random.fixture.ts";
import { killLaunches, type Seen } from "./kill-launches.fixture.ts";

/** GATEHOUSE_POINTS says how many kills there are, GATEHOUSE_SEED where. */
const numberIn = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const points = numberIn("GATEHOUSE_POINTS", 200);
const seed = numberIn("GATEHOUSE_SEED", Date.now() % 1_000_000);

/** Grounds at once: a launch waits most of its time until a composer has stood for a second. */
const atOnce = 4;

const options = { tags: ["slow"], timeout: 120_000 + points * 10_000, skip: process.platform !== "linux" };
const what = `kill -9 of launchers, holders and hosts at ${points} random points (GATEHOUSE_SEED=${seed}): no half-made team, nothing lost, nothing left that nobody sees`;

test(what, options, async () => {
  const seen: Seen = { interrupted: 0, undone: 0, spawned: 0, holders: 0, hosts: 0 };
  const grounds = Array.from({ length: atOnce }, (_, index) => {
    const kills = Math.floor(points / atOnce) + (index < points % atOnce ? 1 : 0);
    return killLaunches(kills, { seed, chances: chancesFrom(seed + index), seen });
  });
  for (const end of await Promise.allSettled(grounds)) if (end.status === "rejected") throw end.reason;
  // Otherwise the kills struck where nothing was under way, and the test has shown little. Of few, none may strike
  // one.
  if (points < 100) return;
  expect(seen.interrupted).toBeGreaterThan(points / 10);
  expect(seen.undone).toBeGreaterThan(0);
  expect(seen.spawned).toBeGreaterThan(points / 10);
  expect(seen.holders).toBeGreaterThan(0);
  expect(seen.hosts).toBeGreaterThan(0);
});
