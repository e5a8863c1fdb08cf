import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { backUp, backedUp, restore, verify } from "./backup.fixture.ts";
import { keepSchedule, readRuns, scheduleState } from "./kept-schedule.ts";
import { startScheduledBackups } from "./scheduled-backups.ts";

/** The steps that need room, in their order. From the step `fullAt` on the disk is full: each of them fails. */
const disk = vi.hoisted(() => ({ fullAt: Infinity, steps: [] as string[] }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const step = (what: string): void => {
    disk.steps.push(what);
    if (disk.steps.length >= disk.fullAt)
      throw Object.assign(new Error(`ENOSPC: no space left on device, ${what}`), { code: "ENOSPC" });
  };
  const stepped = <Args extends readonly unknown[], Answer>(
    what: string,
    run: (...args: Args) => Promise<Answer>,
  ) => {
    return async (...args: Args): Promise<Answer> => {
      step(what);
      return run(...args);
    };
  };
  const opened = (handle: FileHandle): FileHandle => {
    const { writeFile, sync } = handle;
    handle.sync = stepped("sync", sync.bind(handle));
    handle.writeFile = async (data, ...more) => {
      // A full disk takes the part that fits.
      if (disk.steps.length + 1 >= disk.fullAt && data instanceof Uint8Array)
        await writeFile.call(handle, data.subarray(0, data.byteLength / 2), ...more);
      step("write");
      await writeFile.call(handle, data, ...more);
    };
    return handle;
  };
  const open: typeof real.open = async (path, flags, mode) => {
    if (typeof flags === "string" && /^[wa]/.test(flags)) step("open");
    return opened(await real.open(path, flags, mode));
  };
  const steps = {
    link: stepped("link", real.link),
    rename: stepped("rename", real.rename),
    symlink: stepped("symlink", real.symlink),
    mkdtemp: stepped("mkdtemp", real.mkdtemp as (prefix: string) => Promise<string>),
    mkdir: stepped("mkdir", real.mkdir as (...args: unknown[]) => Promise<string | undefined>),
    open,
  };
  return { ...real, ...steps, default: { ...real, ...steps } };
});

/** Runs `act` on a disk that is full from the first step on, from the second, and so on, until it succeeds. */
const onEachFullDisk = async (
  act: () => Promise<{ readonly ok: boolean }>,
  check: (full: string) => Promise<void>,
): Promise<readonly string[]> => {
  onTestFinished(() => void (disk.fullAt = Infinity));
  for (let at = 1; ; at += 1) {
    Object.assign(disk, { fullAt: at, steps: [] });
    const done = await act();
    const { steps } = disk;
    disk.fullAt = Infinity;
    if (done.ok) return steps;
    await check(`${at}: ${steps[at - 1]}`);
  }
};

/** A data folder with an entry of each kind: each step of it is a run of the test. */
const smallFolder = async (): Promise<string> => {
  const dataDir = join(temporaryFolder(), "data");
  await (await openedCentral(dataDir)).close();
  mkdirSync(join(dataDir, "groups"));
  writeFileSync(join(dataDir, "groups/note"), "x".repeat(2_000));
  symlinkSync("note", join(dataDir, "groups/link"));
  return dataDir;
};

const hashOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("a disk that is full from any step on", () => {
  test("leaves nothing of a new backup, keeps the old ones, and is named with the file and a fix", async () => {
    const dataDir = await smallFolder();
    const older = await backedUp(dataDir, { file: join(dataDir, "../older.tar") });
    const before = hashOf(older.file);
    let last: Awaited<ReturnType<typeof backUp>> | null = null;
    const steps = await onEachFullDisk(
      async () => (last = await backUp(dataDir)),
      async (full) => {
        expect({ full, last }).toMatchObject({
          last: {
            error: {
              code: "backup-unwritable",
              message: `The backup ${last?.file} cannot be written (ENOSPC: no space left on device, ${full.split(" ")[1]}). Nothing is left of it.`,
              fix: expect.stringContaining("make room on its disk") as unknown,
            },
          },
        });
        expect({ full, left: readdirSync(join(dataDir, "..")).toSorted() }).toEqual({
          full,
          left: ["data", "older.tar"],
        });
        expect(hashOf(older.file)).toBe(before);
      },
    );
    expect(new Set(steps)).toEqual(new Set(["open", "write", "sync", "link"]));
    expect(steps.slice(-2)).toEqual(["link", "sync"]);
    expect(await verify(join(dataDir, "../backup.tar"))).toMatchObject({ ok: true });
  });

  test.for([{ as: "in-place-of" }, { as: "beside" }, { as: null }] as const)(
    "leaves nothing of a folder that is restored as $as, and is named with the folder and a fix",
    async ({ as }) => {
      const { file } = await backedUp(await smallFolder());
      const at = join(temporaryFolder(), "restored");
      let last: Awaited<ReturnType<typeof restore>> | null = null;
      const steps = await onEachFullDisk(
        async () => (last = await restore(file, at, { as })),
        async (full) => {
          expect({ full, last }).toMatchObject({
            last: {
              error: {
                code: "restore-failed",
                message: expect.stringMatching(
                  `^Nothing was restored to ${at} \\(ENOSPC: [^]+\\)\\.$`,
                ) as unknown,
                fix: expect.stringContaining("make room on its disk") as unknown,
              },
            },
          });
          expect({ full, left: readdirSync(join(at, "..")) }).toEqual({ full, left: [] });
        },
      );
      expect(new Set(steps)).toEqual(new Set(["mkdir", "open", "write", "sync", "symlink", "rename"]));
      expect(readdirSync(join(at, ".."))).toEqual(["restored"]);
    },
  );

  test("says that verify needs room for the database in the temporary folder, and leaves nothing there", async () => {
    const { file } = await backedUp(await smallFolder());
    const temporary = temporaryFolder();
    vi.stubEnv("TMPDIR", temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    let last: Awaited<ReturnType<typeof verify>> | null = null;
    const steps = await onEachFullDisk(
      async () => (last = await verify(file)),
      async (full) => {
        expect({ full, last }).toMatchObject({
          last: {
            error: {
              code: "backup-unreadable",
              message: expect.stringContaining(`its database needs room in ${temporary}: ENOSPC`) as unknown,
              fix: expect.stringContaining("TMPDIR") as unknown,
            },
          },
        });
        expect({ full, left: readdirSync(temporary) }).toEqual({ full, left: [] });
      },
    );
    expect(new Set(steps)).toEqual(new Set(["mkdtemp", "open", "write", "sync"]));
  });

  test("costs a host no backup of its schedule: owners are told, and the next look makes it", async () => {
    const [dataDir, to] = [await smallFolder(), join(temporaryFolder(), "backups")];
    mkdirSync(to);
    const setAt = Date.parse("2026-11-29T03:00:00Z");
    const usual = { every: "1d", keep: 1, withSecrets: false, recipients: [], passphraseFile: null };
    await keepSchedule(dataDir, { ...usual, to, setAt });
    vi.useFakeTimers({ toFake: ["Date"], now: setAt });
    onTestFinished(() => void vi.useRealTimers());
    const program = join(temporaryFolder(), "program.mjs");
    // Only the host's own steps are of interest here.
    writeFileSync(
      program,
      'import { writeFileSync } from "node:fs"; writeFileSync(process.argv[3], "whole"); console.log(`{"ok":true,"bytes":5,"notInIt":[]}`);',
    );
    const look = async () => {
      const [told, events]: [string[], string[]] = [[], []];
      const stop = startScheduledBackups({
        dataDir,
        program: [process.execPath, program],
        env: process.env,
        tellOwners: async (id, text) => void told.push(`${id}: ${text}`),
        log: (event) => void events.push(event),
        report: (error) => expect.fail(String(error)),
      });
      await vi.waitFor(() => expect(events.length + told.length).toBeGreaterThan(0));
      await vi.waitFor(() => expect(told.length === 0 && events.includes("backup-failed")).toBe(false));
      await stop();
      return { told, events };
    };
    expect(await look()).toEqual({ told: [], events: ["backup-made"] });
    const [first = ""] = readdirSync(to);
    let days = 0;
    let last = { told: [] as string[], events: [] as string[] };
    const steps = await onEachFullDisk(
      async () => {
        vi.setSystemTime(setAt + (days += 1) * 86_400_000);
        last = await look();
        return { ok: last.told.length === 0 };
      },
      async (full) => {
        expect({ full, ...last }).toEqual({
          full,
          events: expect.arrayContaining(["backup-failed"]) as unknown,
          told: [
            expect.stringMatching(
              /^backup-runs-unwritable: .*backup-runs\.json cannot be written \(ENOSPC: .*To fix it: make room/,
            ),
          ],
        });
        // One whole backup is there, and the host knows which are its own.
        const names = readdirSync(to);
        expect(names.length).toBeGreaterThan(0);
        const { begun } = await readRuns(dataDir);
        expect(names.filter((name) => !begun.some((each) => each.file === join(to, name)))).toEqual([]);
        for (const name of names) expect(readFileSync(join(to, name), "utf8")).toBe("whole");
      },
    );
    expect(steps.length).toBeGreaterThan(0);
    expect(readdirSync(to)).toHaveLength(1);
    expect(existsSync(join(to, first))).toBe(false);
  });
});

/** A disk of this size for the test; null with the reason if this account may mount none. */
const smallDisk = (kilobytes: number): string | { readonly refused: string } => {
  const path = temporaryFolder();
  const mount = ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path];
  const { status, stderr, error } = spawnSync("mount", mount, { encoding: "utf8" });
  if (status !== 0) return { refused: error?.message ?? stderr.trim() };
  onTestFinished(() => void spawnSync("umount", ["-l", path]));
  return path;
};

describe("a small disk", { tags: ["slow"] }, () => {
  // Full at the first bytes, in the copy of the database, at the end of it, and in the files after it.
  test.for([4, 64, 512, 1_024, 1_536])(
    "of %i kB keeps the backup of its schedule, and says why the next one is missing",
    async (kilobytes, { skip }) => {
      const to = smallDisk(kilobytes);
      if (typeof to !== "string") return skip(`no small disk can be mounted: ${to.refused}`);
      const dataDir = await smallFolder();
      writeFileSync(join(dataDir, "groups/large"), Buffer.alloc(1_400_000, "x"));
      const setAt = Date.parse("2026-11-29T03:00:00Z");
      const usual = { every: "1d", keep: 1, withSecrets: false, recipients: [], passphraseFile: null };
      await keepSchedule(dataDir, { ...usual, to, setAt });
      writeFileSync(join(to, "a"), "kept");
      vi.useFakeTimers({ toFake: ["Date"], now: setAt });
      onTestFinished(() => void vi.useRealTimers());
      const [told, events]: [string[], string[]] = [[], []];
      const stop = startScheduledBackups({
        dataDir,
        program: [process.execPath, inject("programs").gatehouse],
        env: { ...process.env, GATEHOUSE_DATABASE: undefined },
        tellOwners: async (id, text) => void told.push(`${id}: ${text}`),
        log: (event) => void events.push(event),
        report: (error) => expect.fail(String(error)),
      });
      await vi.waitFor(() => expect(told).toHaveLength(1));
      await stop();
      expect(events).toEqual(["backup-failed"]);
      expect(told[0]).toMatch(
        /^backup-failed\/\d+: .*The backup \S+\.tar cannot be written \(\S+: .*\)\. Nothing is left of it\. To fix it: make room/,
      );
      expect(readdirSync(to)).toEqual(["a"]);
      expect(await scheduleState(dataDir, setAt)).toMatchObject({
        value: { failure: { message: expect.stringContaining("cannot be written") as unknown } },
      });
    },
  );
});
