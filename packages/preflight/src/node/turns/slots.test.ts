import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createSlots, type StartSlot } from "./slots.ts";

const lockFile = (): string => {
  const folder = mkdtempSync("/tmp/slots-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "claude");
};

const never = new AbortController().signal;
const all = Math.max(2, availableParallelism());

/** Takes every slot of a state, each when the one before is locked. */
const takeAll = async (path: string): Promise<readonly StartSlot[]> => {
  const slots = createSlots(path, 5_000);
  const taken: StartSlot[] = [];
  while (taken.length < all) {
    taken.push(await slots.take(never, () => {}));
    await expect.poll(() => readFileSync(`${path}.${taken.length - 1}`, "utf8")).toMatch(/^pid /);
  }
  return taken;
};

test("as many start at once as there are processors, and the next one when the first of them leaves", async () => {
  const path = lockFile();
  const taken = await takeAll(path);
  expect(taken.map(({ hasWaited }) => hasWaited)).toEqual(taken.map(() => false));
  const slot = await createSlots(path, 60_000).take(never, () => void taken[0]?.leave());
  expect(slot.hasWaited).toBe(true);
  for (const { leave } of [slot, ...taken.slice(1)]) await leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("the first slot, which nobody had yet, is taken at once and locked a moment later", async () => {
  const path = lockFile();
  const first = await createSlots(path, 5_000).take(never, () => {});
  expect(readFileSync(`${path}.0`, "utf8")).toBe("");
  await expect.poll(() => readFileSync(`${path}.0`, "utf8")).toMatch(/^pid /);
  await first.leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a first slot that was left behind by a kill -9 is taken", async () => {
  const path = lockFile();
  writeFileSync(`${path}.0`, "");
  const slot = await createSlots(path, 60_000).take(never, () => {});
  expect(slot.hasWaited).toBe(false);
  await slot.leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("who finds no slot in time starts all the same", async () => {
  const path = lockFile();
  const taken = await takeAll(path);
  const late = await createSlots(path, 60).take(never, () => {});
  expect(late.hasWaited).toBe(true);
  await late.leave();
  expect(await createSlots(path, 60_000).take(AbortSignal.abort(), () => {})).toMatchObject({
    hasWaited: false,
  });
  for (const { leave } of taken) await leave();
});

test("where there are no locks nobody waits", async () => {
  const slot = await createSlots(join(lockFile(), "no", "folder"), 60_000).take(never, () => {});
  expect(slot.hasWaited).toBe(false);
  await slot.leave();
});
