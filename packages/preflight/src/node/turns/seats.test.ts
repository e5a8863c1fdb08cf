import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createSeats, type Seat } from "./seats.ts";

const lockFile = (): string => {
  const folder = mkdtempSync("/tmp/seats-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "claude");
};

const never = new AbortController().signal;
const all = Math.max(2, availableParallelism());

/** Takes every seat of a state, each when the one before is locked. */
const takeAll = async (path: string): Promise<readonly Seat[]> => {
  const seats = createSeats(path, 5_000);
  const taken: Seat[] = [];
  while (taken.length < all) {
    taken.push(await seats.take(never, () => {}));
    await expect.poll(() => readFileSync(`${path}.${taken.length - 1}`, "utf8")).toMatch(/^pid /);
  }
  return taken;
};

test("as many start at once as there are processors, and the next one when the first of them leaves", async () => {
  const path = lockFile();
  const taken = await takeAll(path);
  expect(taken.map(({ hasWaited }) => hasWaited)).toEqual(taken.map(() => false));
  const seat = await createSeats(path, 60_000).take(never, () => void taken[0]?.leave());
  expect(seat.hasWaited).toBe(true);
  for (const { leave } of [seat, ...taken.slice(1)]) await leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("the first seat, which nobody had yet, is taken at once and locked a moment later", async () => {
  const path = lockFile();
  const first = await createSeats(path, 5_000).take(never, () => {});
  expect(readFileSync(`${path}.0`, "utf8")).toBe("");
  await expect.poll(() => readFileSync(`${path}.0`, "utf8")).toMatch(/^pid /);
  await first.leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a first seat that was left behind by a kill -9 is taken", async () => {
  const path = lockFile();
  writeFileSync(`${path}.0`, "");
  const seat = await createSeats(path, 60_000).take(never, () => {});
  expect(seat.hasWaited).toBe(false);
  await seat.leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("who finds no seat in time starts all the same", async () => {
  const path = lockFile();
  const taken = await takeAll(path);
  const late = await createSeats(path, 60).take(never, () => {});
  expect(late.hasWaited).toBe(true);
  await late.leave();
  expect(await createSeats(path, 60_000).take(AbortSignal.abort(), () => {})).toMatchObject({
    hasWaited: false,
  });
  for (const { leave } of taken) await leave();
});

test("where there are no locks nobody waits", async () => {
  const seat = await createSeats(join(lockFile(), "no", "folder"), 60_000).take(never, () => {});
  expect(seat.hasWaited).toBe(false);
  await seat.leave();
});
