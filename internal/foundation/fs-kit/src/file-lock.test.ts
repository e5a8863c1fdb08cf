import { execFileSync, fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { acquireFileLock, loadNative, lockOpened, type FileLock, type Native } from "./file-lock.ts";

const lockPath = (): string => {
  const folder = mkdtempSync("/tmp/file-lock-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
};

/** Acquires a lock, which is released when the test has finished. */
const acquired = async (path: string): Promise<FileLock> => {
  const lock = await acquireFileLock({ path, timeoutMs: 60_000 });
  if (!lock.ok) throw new Error(lock.error.code);
  let release = (): Promise<void> => lock.value.release();
  const once = (): Promise<void> => {
    const now = release;
    release = async () => {};
    return now();
  };
  onTestFinished(once);
  return { release: once };
};

describe("acquireFileLock", () => {
  test("acquires a free lock at once, and removes its file on release", async () => {
    const path = lockPath();
    const lock = await acquired(path);
    expect(existsSync(path)).toBe(true);
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  test("waits for a holder, and names it", async () => {
    const path = lockPath();
    const first = await acquired(path);
    const holders: (string | null)[] = [];
    const second = acquireFileLock({
      path,
      timeoutMs: 60_000,
      onWait: (holder) => {
        holders.push(holder);
        void first.release();
      },
    });
    const lock = await second;
    expect(lock.ok).toBe(true);
    if (lock.ok) await lock.value.release();
    expect(holders).toEqual([expect.stringMatching(new RegExp(`^pid ${process.pid} since 20`))]);
  });

  test("times out if the holder keeps the lock", async () => {
    const path = lockPath();
    await acquired(path);
    const error = { code: "lock-timeout", holder: expect.stringContaining(`pid ${process.pid}`) as unknown };
    expect(await acquireFileLock({ path, timeoutMs: 60 })).toMatchObject({ ok: false, error });
  });

  test("starts its timeout again when the lock passes to another holder", async () => {
    const path = lockPath();
    await acquired(path);
    // Each holder keeps the lock for 40 ms, and the last one for 100 ms.
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    const seen: (string | null)[] = [];
    const waiting = acquireFileLock({
      path,
      timeoutMs: 60,
      onWait: (holder) => {
        seen.push(holder);
        now += seen.length < 5 ? 40 : 100;
        if (seen.length < 5) writeFileSync(path, `pid ${seen.length}\n`);
      },
    });
    expect(await waiting).toMatchObject({ ok: false, error: { code: "lock-timeout", holder: "pid 4" } });
    expect(seen.slice(1)).toEqual(["pid 1", "pid 2", "pid 3", "pid 4"]);
  });

  test("stops waiting at an abort", async () => {
    const path = lockPath();
    await acquired(path);
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = acquireFileLock({ path, timeoutMs: 60_000, signal, onWait: () => controller.abort() });
    expect(await waiting).toEqual({ ok: false, error: { code: "cancelled" } });
  });

  test("ignores a lock file that was left behind", async () => {
    const path = lockPath();
    writeFileSync(path, "pid 1 since 2020-01-01T00:00:00.000Z\n");
    await (await acquired(path)).release();
  });

  test("returns the reason if the lock file cannot be made", async () => {
    const path = join(lockPath(), "no", "folder");
    expect(await acquireFileLock({ path, timeoutMs: 60 })).toMatchObject({
      ok: false,
      error: { code: "lock-unavailable", detail: `ENOENT: ${path}` },
    });
  });

  test("releases the lock although its file cannot be removed", async () => {
    const path = lockPath();
    const lock = await acquired(path);
    rmSync(path);
    mkdirSync(path);
    await lock.release();
    rmSync(path, { recursive: true });
    await (await acquired(path)).release();
  });

  test("is unavailable under Deno, which the library would end", async () => {
    vi.stubGlobal("Deno", {});
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(await acquireFileLock({ path: lockPath(), timeoutMs: 0 })).toMatchObject({
      error: { code: "lock-unavailable", detail: expect.stringContaining("Deno") as string },
    });
  });

  test("acquires the lock of a killed holder at once", { tags: ["slow"] }, async () => {
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
    const lock = await acquireFileLock({ path, timeoutMs: 0 });
    expect(lock.ok).toBe(true);
    if (lock.ok) await lock.value.release();
  });

  test("admits one process at a time, of many", async () => {
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

describe("loadNative", () => {
  test("finds the library right after a stat of a pipe", () => {
    const pipe = lockPath();
    execFileSync("mkfifo", [pipe]);
    const program = fileURLToPath(new URL("load-after-pipe.fixture.ts", import.meta.url));
    const args = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), program, pipe];
    expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("loaded");
  });
});

describe("lockOpened", () => {
  const opened = async (path: string): Promise<FileHandle> => {
    const handle = await open(path, "a+");
    onTestFinished(() => handle.close());
    return handle;
  };
  const library = (): Native => {
    const native = loadNative();
    if (!native.ok) throw new Error(native.error.code);
    return native.value;
  };
  const failing = (error: Error): Native => ({
    tryLock: () => {
      throw error;
    },
  });

  test("locks the file at its path exclusively", async () => {
    const path = lockPath();
    expect(await lockOpened(await opened(path), library(), path)).toEqual({ ok: true, value: true });
    expect(await lockOpened(await opened(path), library(), path)).toEqual({ ok: true, value: false });
  });

  test("is false for a file that its holder removed, even if it is free", async () => {
    const path = lockPath();
    const handle = await opened(path);
    rmSync(path);
    expect(await lockOpened(handle, library(), path)).toEqual({ ok: true, value: false });
    await acquired(path);
    expect(await lockOpened(handle, library(), path)).toEqual({ ok: true, value: false });
  });

  test("reports a file system without locks", async () => {
    const path = lockPath();
    const native = failing(Object.assign(new Error("no locks available"), { code: "ENOLCK" }));
    const error = { code: "lock-unavailable", detail: `ENOLCK: ${path}` };
    expect(await lockOpened(await opened(path), native, path)).toEqual({ ok: false, error });
  });

  test("rethrows an unexpected error", async () => {
    const path = lockPath();
    const native = failing(new TypeError("no number"));
    await expect(lockOpened(await opened(path), native, path)).rejects.toThrow("no number");
  });
});
