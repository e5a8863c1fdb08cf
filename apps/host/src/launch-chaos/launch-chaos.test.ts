// @module-tag soak
import process from "node:process";
import { expect, test } from "vitest";
import { chancesFrom, points as chosen, seed } from "../chaos/random.fixture.ts";
import { killLaunches, type Seen } from "./kill-launches.fixture.ts";

const points = chosen ?? 50;

/** Machines that run in parallel: a launch mostly waits until an agent's composer has been shown for a second. */
const atOnce = 4;

const options = { tags: ["slow"], timeout: 120_000 + points * 10_000, skip: process.platform !== "linux" };
const what = `kill -9 of launchers, holders and hosts at ${points} random points (GATEHOUSE_SEED=${seed}): no half-made team, nothing lost, no unlisted process left`;

test(what, options, async () => {
  const seen: Seen = { interrupted: 0, undone: 0, spawned: 0, holders: 0, hosts: 0 };
  const machines = Array.from({ length: atOnce }, (_, index) => {
    const kills = Math.floor(points / atOnce) + (index < points % atOnce ? 1 : 0);
    return killLaunches(kills, { seed, chances: chancesFrom(seed + index), seen });
  });
  for (const end of await Promise.allSettled(machines)) if (end.status === "rejected") throw end.reason;
  // With lower numbers, too many kills came while no command ran, and the test has shown little. A run of few points
  // may have none by chance.
  if (points < 50) return;
  expect(seen.interrupted).toBeGreaterThan(points / 10);
  if (points >= 200) expect(seen.undone).toBeGreaterThan(0);
  expect(seen.spawned).toBeGreaterThan(points / 10);
  expect(seen.holders).toBeGreaterThan(0);
  expect(seen.hosts).toBeGreaterThan(0);
});
