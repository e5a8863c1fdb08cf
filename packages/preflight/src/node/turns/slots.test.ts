import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

/** Takes every slot of a state. */
const takeAll = async (path: string): Promise<readonly StartSlot[]> => {
  const slots = createSlots(path, 5_000);
  const taken: StartSlot[] = [];
  while (taken.length < all) taken.push(await slots.take(never, () => {}));
  return taken;
};

test("createSlots lends one slot per processor, and the next one when the first is left", async () => {
  const path = lockFile();
  const taken = await takeAll(path);
  expect(taken.map(({ hasWaited }) => hasWaited)).toEqual(taken.map(() => false));
  const slot = await createSlots(path, 60_000).take(never, () => void taken[0]?.leave());
  expect(slot.hasWaited).toBe(true);
  for (const { leave } of [slot, ...taken.slice(1)]) await leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("createSlots lends a slot whose file a kill -9 left behind", async () => {
  const path = lockFile();
  writeFileSync(`${path}.0`, "");
  const slot = await createSlots(path, 60_000).take(never, () => {});
  expect(slot.hasWaited).toBe(false);
  await slot.leave();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("createSlots lets a CLI start without a slot after the time limit", async () => {
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

test("createSlots does not wait if locks are unavailable", async () => {
  const slot = await createSlots(join(lockFile(), "no", "folder"), 60_000).take(never, () => {});
  expect(slot.hasWaited).toBe(false);
  await slot.leave();
});
