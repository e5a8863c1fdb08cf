import { fork } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { acquireFileLock, type FileLock } from "./file-lock.ts";

const lockPath = (): string => {
  const folder = mkdtempSync("/tmp/file-lock-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
};

const acquired = async (path: string): Promise<FileLock> => {
  const lock = await acquireFileLock({ path, timeoutMs: 5_000 });
  if (!lock.ok) throw new Error(lock.error.code);
  return lock.value;
};

describe("acquireFileLock", () => {
  test("gives a free lock at once, and removes its file in the end", async () => {
    const path = lockPath();
    const lock = await acquired(path);
    expect(existsSync(path)).toBe(true);
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  test("waits for a holder, whom it names", async () => {
    const path = lockPath();
    const first = await acquired(path);
    const holders: (string | null)[] = [];
    const second = acquireFileLock({
      path,
      timeoutMs: 5_000,
      onWait: (holder) => {
        holders.push(holder);
        void first.release();
      },
    });
    expect(await second).toMatchObject({ ok: true });
    expect(holders).toEqual([expect.stringMatching(new RegExp(`^pid ${process.pid} since 20`))]);
  });

  test("says so when the holder stays", async () => {
    const path = lockPath();
    await acquired(path);
    const error = { code: "lock-timeout", holder: expect.stringContaining(`pid ${process.pid}`) as unknown };
    expect(await acquireFileLock({ path, timeoutMs: 60 })).toMatchObject({ ok: false, error });
  });

  test("stops waiting when it is told to", async () => {
    const path = lockPath();
    await acquired(path);
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = acquireFileLock({ path, timeoutMs: 60_000, signal, onWait: () => controller.abort() });
    expect(await waiting).toEqual({ ok: false, error: { code: "cancelled" } });
  });

  test("is not held up by a file that somebody left there", async () => {
    const path = lockPath();
    writeFileSync(path, "pid 1 since 2020-01-01T00:00:00.000Z\n");
    await (await acquired(path)).release();
  });

  test("says what is wrong where there can be no lock", async () => {
    const path = join(lockPath(), "no", "folder");
    expect(await acquireFileLock({ path, timeoutMs: 60 })).toMatchObject({
      ok: false,
      error: { code: "lock-unavailable", detail: `ENOENT: ${path}` },
    });
  });

  test("is free again the moment its holder is killed", { tags: ["slow"] }, async () => {
    const path = lockPath();
    const library = createRequire(import.meta.url).resolve("fs-native-extensions");
    const program = join(path, "..", "hold.cjs");
    writeFileSync(
      program,
      `const { openSync } = require("node:fs");
       process.send(require(${JSON.stringify(library)}).tryLock(openSync(${JSON.stringify(path)}, "a+")));
       setInterval(() => {}, 1000);`,
    );
    const holder = fork(program);
    expect(await new Promise((resolve) => holder.once("message", resolve))).toBe(true);
    expect(await acquireFileLock({ path, timeoutMs: 30 })).toMatchObject({ ok: false });
    const gone = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await gone;
    expect(await acquireFileLock({ path, timeoutMs: 0 })).toMatchObject({ ok: true });
  });

  test("lets one in at a time, however many ask", async () => {
    const path = lockPath();
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const lock = await acquired(path);
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        await lock.release();
      }),
    );
    expect(most).toBe(1);
  });
});
