import { cpSync, readdirSync, statSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Result } from "@gatehouse/std";
import { afterEach, expect, test, vi } from "vitest";
import { backupsFolder, copiedAt } from "../backup.ts";
import { openedCentral, temporaryFolder } from "../central.fixture.ts";
import { checkCentral } from "../copy-central.ts";
import { later, present, withOneMore } from "../one-more.fixture.ts";
import { centralFile, openCentral, openFile, type OpenError } from "../open-central.ts";
import { explainOpen } from "../open-messages.ts";
import { addRow } from "../sample-rows.fixture.ts";
import { tryUpgrade } from "./try-upgrade.ts";
import { planUndo, undoUpgrade } from "./undo-upgrade.ts";

/** The steps of Node that may need room, in their order. From the step `fullAt` on the disk is full: each of them fails. */
const disk = vi.hoisted(() => ({ fullAt: Infinity, steps: [] as string[] }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const isFullAt = (what: string): boolean => disk.steps.push(what) >= disk.fullAt;
  const full = (what: string): Error =>
    Object.assign(new Error(`ENOSPC: no space left on device, ${what}`), { code: "ENOSPC" });
  const stepped = <Args extends readonly unknown[], Answer>(
    what: string,
    run: (...args: Args) => Promise<Answer>,
  ) => {
    return async (...args: Args): Promise<Answer> => {
      if (isFullAt(what)) throw full(what);
      return run(...args);
    };
  };
  const opened = (handle: FileHandle): FileHandle =>
    Object.assign(handle, { sync: stepped("sync", handle.sync.bind(handle)) });
  const steps = {
    open: stepped("open", async (...args: Parameters<typeof real.open>) => opened(await real.open(...args))),
    copyFile: async (...args: Parameters<typeof real.copyFile>) => {
      const isFull = isFullAt("copyFile");
      await real.copyFile(...args);
      if (!isFull) return;
      // A full disk takes the part that fits.
      await real.truncate(args[1], 5_000);
      throw full("copyFile");
    },
    rename: stepped("rename", real.rename),
    chmod: stepped("chmod", real.chmod),
    mkdir: stepped("mkdir", real.mkdir as (...args: unknown[]) => Promise<unknown>),
  };
  return { ...real, ...steps, default: { ...real, ...steps } };
});

const emptyDisk = (): void => void Object.assign(disk, { fullAt: Infinity, steps: [] });
afterEach(emptyDisk);

const morning = () => "2026-11-20T08:00:00.000Z";

const upLater = async (dataDir: string): Promise<Result<unknown, OpenError>> => {
  const opened = await openCentral(dataDir, morning, withOneMore);
  if (opened.ok) await opened.value.close();
  return opened;
};

const goBack = async (dataDir: string): Promise<Result<unknown, OpenError>> => {
  const planned = await planUndo(dataDir);
  if (!planned.ok) return planned;
  return undoUpgrade(dataDir, planned.value ?? expect.fail("no copy"), "2026-11-20T20:00:00.000Z");
};

/** The schema version of the one program that can open this database, which is whole. */
const versionOf = async (file: string): Promise<number> => {
  const isCurrent = async (program: Parameters<typeof checkCentral>[1]): Promise<boolean> => {
    const checked = await checkCentral(file, program);
    if (!checked.ok) expect(checked.error.code).toBe("newer-schema");
    return checked.ok && checked.value.isCurrent;
  };
  const [old, other] = [await isCurrent(undefined), await isCurrent(withOneMore)];
  expect({ file, old, other }).toEqual({ file, old: !other, other: !old });
  return old ? present : later;
};

const usersIn = async (file: string): Promise<readonly string[]> => {
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const rows = await opened.value.db.selectFrom("users").select("id").orderBy("id").execute();
  await opened.value.close();
  return rows.map(({ id }) => id);
};

/** The users of the database and of each copy, by schema version. Each copy is whole, and of the version in its name. */
const contentOf = async (dataDir: string) => {
  const [file, folder] = [centralFile(dataDir), backupsFolder(dataDir)];
  const names = readdirSync(dataDir).includes("backups") ? readdirSync(folder) : [];
  const copies: Record<number, readonly string[]> = {};
  for (const name of names.filter((one) => !/-(wal|shm)$/.test(one))) {
    const path = join(folder, name);
    const { version } = copiedAt(name);
    expect({ name, version: await versionOf(path) }).toEqual({ name, version });
    expect(statSync(path).ino).not.toBe(statSync(file).ino);
    copies[version] = await usersIn(path);
  }
  const others = readdirSync(dataDir).filter((name) => !/^(backups|gatehouse\.db(-wal|-shm)?)$/.test(name));
  return { version: await versionOf(file), users: await usersIn(file), copies, others };
};

const [old, both] = [["local:ana"], ["local:ana", "local:bo"]];

/** A database of this schema, or one that a later program has migrated and written to. */
const made = async (version: number): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  await addRow(db, "users", { id: "local:ana" });
  await close();
  if (version === present) return dataDir;
  const opened = await openCentral(dataDir, morning, withOneMore);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  await addRow(opened.value.db, "users", { id: "local:bo" });
  await opened.value.close();
  return dataDir;
};

const before = { version: present, users: old, copies: {}, others: [] };
const upgraded = { version: later, users: both, copies: { [present]: old }, others: [] };

test.for([
  {
    what: "up",
    act: upLater,
    from: before,
    // A step after the copy is complete leaves it.
    alsoFrom: { ...before, copies: { [present]: old } },
    to: { ...before, version: later, copies: { [present]: old } },
    codes: ["backup-failed", "database-unusable"],
    steps: ["mkdir", "chmod", "open", "sync", "rename"],
  },
  {
    what: "--check",
    act: (dataDir: string) => tryUpgrade(dataDir, withOneMore),
    from: before,
    alsoFrom: before,
    to: before,
    codes: ["backup-failed"],
    steps: ["mkdir", "open", "sync"],
  },
  {
    what: "--undo",
    act: goBack,
    from: upgraded,
    alsoFrom: upgraded,
    to: { version: present, users: old, copies: { [present]: old, [later]: both }, others: [] },
    codes: ["undo-failed"],
    steps: ["copyFile", "chmod", "open", "sync", "rename"],
  },
])(
  "$what on a disk that is full from any step on leaves one whole version, says the fix, and can be done again",
  async ({ act, from, alsoFrom, to, codes, steps }) => {
    const folder = await made(from.version);
    for (let fullAt = 1; ; fullAt += 1) {
      const dataDir = join(temporaryFolder(), "data");
      cpSync(folder, dataDir, { recursive: true });
      Object.assign(disk, { fullAt, steps: [] });
      const done = await act(dataDir);
      const { steps: taken } = disk;
      const full = `${fullAt}: ${taken[fullAt - 1]}`;
      emptyDisk();
      const left = { full, ...(await contentOf(dataDir)) };
      if (done.ok) {
        // Steps after the last one that counts may fail.
        expect(left).toEqual({ full, ...to });
        if (taken.length >= fullAt) continue;
        expect(new Set(taken)).toEqual(new Set(steps));
        return;
      }
      expect([from, alsoFrom].map((one) => ({ full, ...one }))).toContainEqual(left);
      expect({ full, ...done.error }).toMatchObject({
        code: expect.toBeOneOf(codes) as unknown,
        file: centralFile(dataDir),
        detail: expect.stringContaining(`ENOSPC: no space left on device, ${taken[fullAt - 1]}`) as unknown,
      });
      const { message, fix } = explainOpen(done.error);
      expect({ message, fix }).toEqual({
        message: expect.stringContaining(centralFile(dataDir)) as unknown,
        fix: expect.stringMatching(/make room on|look at the disk/) as unknown,
      });
      expect({ full, again: await act(dataDir) }).toMatchObject({ full, again: { ok: true } });
      expect({ full, ...(await contentOf(dataDir)) }).toEqual({ full, ...to });
    }
  },
);
