import { mkdir, mkdtemp, rm, rmdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stateLock, waitForLockGone } from "./cli-lock.ts";

let home: string;
let file: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lock-gone-"));
  file = join(home, ".claude.json");
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("waitForLockGone returns at once if there is no lock", async () => {
  expect(await waitForLockGone(file, { timeoutMs: 60_000 })).toEqual({ ok: true, value: null });
});

test("waitForLockGone waits until the lock is removed", async () => {
  await mkdir(stateLock(file));
  let released = false;
  const wait = waitForLockGone(file, { timeoutMs: 60_000 }).then((result) => ({ result, released }));
  await mkdir(join(home, "something else"));
  released = true;
  await rmdir(stateLock(file));
  expect(await wait).toEqual({ result: { ok: true, value: null }, released: true });
});

test("waitForLockGone waits without a limit if the timeout is infinite", async () => {
  await mkdir(stateLock(file));
  const wait = waitForLockGone(file, { timeoutMs: Number.POSITIVE_INFINITY });
  await waitForLockGone(file, { timeoutMs: 20 });
  await rmdir(stateLock(file));
  expect(await wait).toEqual({ ok: true, value: null });
});

test("waitForLockGone fails at the timeout and names the lock", async () => {
  await mkdir(stateLock(file));
  expect(await waitForLockGone(file, { timeoutMs: 20 })).toEqual({
    ok: false,
    error: { code: "lock-timeout", lock: stateLock(file) },
  });
});

test("waitForLockGone waits for a lock that it cannot read", async () => {
  await symlink(stateLock(file), stateLock(file));
  expect(await waitForLockGone(file, { timeoutMs: 20 })).toMatchObject({ error: { code: "lock-timeout" } });
});

test("waitForLockGone is cancelled by its signal, before and during the wait", async () => {
  await mkdir(stateLock(file));
  const cancelled = { ok: false, error: { code: "cancelled", lock: stateLock(file) } };
  expect(await waitForLockGone(file, { timeoutMs: 60_000, signal: AbortSignal.abort() })).toEqual(cancelled);
  const abort = new AbortController();
  const wait = waitForLockGone(file, { timeoutMs: 60_000, signal: abort.signal });
  abort.abort();
  expect(await wait).toEqual(cancelled);
});

test("waitForLockGone finds no lock in a missing folder", async () => {
  const missing = join(home, "missing", ".claude.json");
  expect(await waitForLockGone(missing, { timeoutMs: 60_000 })).toEqual({ ok: true, value: null });
});
