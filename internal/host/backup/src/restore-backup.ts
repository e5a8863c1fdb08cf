import { randomUUID } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, open, readdir, realpath, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { centralFile, checkCentral, knownSchema, type CentralTables } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import { markRestored, successionName, takePlace, withOwnersRights } from "@gatehouse/data-folder";
import { acquireFileLock, makeFolder, ownerAt } from "@gatehouse/fs-kit";
import { attempt, isTrouble, openSqlite } from "@gatehouse/sqlite";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { Decrypter } from "age-encryption";
import type { BackupError } from "./backup-error.ts";
import { explainBackup } from "./backup-messages.ts";
import type { About, BackupEntry, FileEntry } from "./manifest.ts";
import { readBackup, type OpenBackup, type ReadBackup } from "./read-backup.ts";
import { belongingOf } from "./what-belongs.ts";

export type ReadOptions = { readonly decrypter: Decrypter | null; readonly signal: AbortSignal };

/**
 * Reads a whole backup, compares each hash, and checks the database and its schema. Keeps nothing: the database is
 * written to a temporary folder for the check.
 */
export const verifyBackup = async (
  backup: OpenBackup,
  { decrypter, signal }: ReadOptions,
): Promise<Result<ReadBackup, Failure>> => {
  const { file } = backup;
  const unchecked = (detail: string): Result<never, Failure> =>
    failed({ code: "backup-unreadable", file, detail: `its database needs room in ${tmpdir()}: ${detail}` });
  const made = await attempt(() => mkdtemp(join(tmpdir(), "gatehouse-verify-")));
  if (!made.ok) return unchecked(made.error);
  const folder = made.value;
  try {
    const entry = async (each: BackupEntry): Promise<void> => {
      if (each.type === "file" && each.path === "gatehouse.db") await writeFileOf(centralFile(folder), each);
    };
    const visitor = { begin: (about: About) => refusalOf(file, about), entry };
    const done = await attempt(() => readBackup(backup, { decrypter, visitor, signal }));
    if (!done.ok) return unchecked(done.error);
    if (!done.value.ok) return failed(done.value.error);
    const problem = await databaseProblem(file, folder, done.value.value.about);
    return problem === null ? ok(done.value.value) : failed(problem);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const failed = (error: BackupError): Result<never, Failure> => fail(explainBackup(error));

/** Why this program cannot use the schema of a backup, by its first entry. Null if it can. */
const refusalOf = (file: string, about: About): BackupError | null =>
  about.schema === null || numberOf(about.schema) <= numberOf(knownSchema) ? null : newerSchema(file, about);

const newerSchema = (file: string, { schema, version }: About): BackupError => ({
  code: "newer-backup",
  file,
  version,
  found: `the schema ${schema}`,
  known: `up to ${knownSchema}`,
});

/** 12 of `012-schema`. */
const numberOf = (schema: string): number => Number.parseInt(schema, 10);

/** Reads the database that was written to a folder. */
const databaseProblem = async (file: string, folder: string, about: About): Promise<BackupError | null> => {
  if (about.schema === null) return null;
  const { version, schema } = about;
  const checked = await checkCentral(centralFile(folder));
  if (checked.ok) return null;
  switch (checked.error.code) {
    case "newer-schema":
      return newerSchema(file, about);
    case "schema-too-old":
      return { code: "older-backup", file, version, schema };
    default:
      return {
        code: "backup-database",
        file,
        detail: "detail" in checked.error ? checked.error.detail : checked.error.code,
      };
  }
};

export type RestoreOptions = ReadOptions & {
  /** The new data folder. */
  readonly dataDir: string;
  /**
   * `in-place-of`: the host of the backup is gone, and this one takes its bots, machines and secrets. `beside`: it goes on,
   * and this one gets none of them, and has its tasks paused. Null: the next start has to ask.
   */
  readonly as: "in-place-of" | "beside" | null;
  /** The paths of secrets that were left out for `beside`. */
  readonly leftOut?: (path: string) => void;
  /** How many tasks were paused for `beside`. */
  readonly paused?: (tasks: number) => void;
  /** The folders of killed restores to the same place that were removed. */
  readonly removed?: (folder: string) => void;
};

/**
 * Makes a new data folder from a backup: all of it, or nothing. It is under its name once all of it was checked. Its files
 * belong to this account. Root makes it for the owner of the empty folder that is there, or else of the folder above. Refuses
 * a folder with anything in it.
 */
export const restoreBackup = async (
  backup: OpenBackup,
  {
    dataDir: named,
    as,
    decrypter,
    signal,
    leftOut = () => undefined,
    paused = () => undefined,
    removed,
  }: RestoreOptions,
): Promise<Result<ReadBackup, Failure>> => {
  const { file } = backup;
  const dataDir = await realPathOf(named);
  const unfinished = `${dataDir}.${randomUUID()}.unfinished`;
  try {
    const restored = async (): Promise<Result<ReadBackup, BackupError>> => {
      await removeAbandoned(dataDir, removed);
      const mark = await acquireFileLock({ path: join(unfinished, markName), timeoutMs: 0 });
      try {
        return await restoreTo();
      } finally {
        if (mark.ok) await mark.value.release();
      }
    };
    const restoreTo = async (): Promise<Result<ReadBackup, BackupError>> => {
      const folder = newFolder(unfinished);
      // Paths that a backup of ours cannot have: one twice, one below a file.
      const odd: string[] = [];
      const entry = async (each: BackupEntry): Promise<void> => {
        if (as === "beside" && belongingOf(each.path) === "secret") return leftOut(each.path);
        const code = await folder.add(each).then(() => null, systemCode);
        if (code === "EEXIST" || code === "ENOENT" || code === "ENOTDIR") odd.push(each.path);
        else if (code !== null) throw Object.assign(new Error(`${code}: ${each.path}`), { code });
      };
      const visitor = { begin: (about: About) => refusalOf(file, about), entry };
      const read = await readBackup(backup, { decrypter, visitor, signal });
      if (!read.ok) return read;
      if (odd.length > 0) return fail({ code: "backup-damaged", file, paths: odd });
      const { about } = read.value;
      const problem = await databaseProblem(file, unfinished, about);
      if (problem !== null) return fail(problem);
      if (as === null) await markRestored(unfinished, about);
      if (as === "in-place-of") await takePlace(unfinished, new Date().toISOString());
      // The other host goes on, and this one is no copy of it.
      if (as === "beside") await rm(join(unfinished, successionName), { force: true });
      if (as === "beside" && about.schema !== null) {
        const tasks = await pauseTasks(centralFile(unfinished), { file, dataDir });
        if (!tasks.ok) return tasks;
        paused(tasks.value);
      }
      await folder.finish();
      return read;
    };
    const done = await attempt(async (): Promise<Result<ReadBackup, BackupError>> => {
      if (!(await isFree(dataDir))) return fail({ code: "folder-not-empty", dataDir });
      const owner = await ownerAt(dataDir);
      await makeFolder(dirname(dataDir), 0o711);
      await makeFolder(unfinished, 0o700);
      if (process.geteuid?.() === 0) await chown(unfinished, owner.uid, owner.gid);
      const read = await withOwnersRights(unfinished, restored);
      // Fails for a folder that got an entry meanwhile.
      if (read.ok) await rename(unfinished, dataDir);
      return read;
    });
    if (done.ok) return done.value.ok ? done.value : failed(done.value.error);
    return failed({ code: "restore-failed", dataDir, detail: done.error });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

/**
 * Pauses the tasks of a database whose host goes on and runs them. Returns how many. `file` is the backup, and `dataDir` the new
 * data folder, for the error.
 */
const pauseTasks = async (
  database: string,
  { file, dataDir }: { readonly file: string; readonly dataDir: string },
): Promise<Result<number, BackupError>> => {
  const opened = await openSqlite<CentralTables>(database, { isDurable: true });
  if (!opened.ok) {
    const why = "detail" in opened.error ? opened.error.detail : "it is not a database";
    return fail({
      code: "restore-failed",
      dataDir,
      detail: `its database cannot be opened to pause its tasks: ${why}`,
    });
  }
  const { db, close } = opened.value;
  try {
    // An older schema has none.
    if (!(await db.introspection.getTables()).some(({ name }) => name === "tasks")) return ok(0);
    const { numUpdatedRows } = await db
      .updateTable("tasks")
      .set({ status: "paused", paused_because: "this host was restored beside the one that runs it" })
      .where("status", "=", "active")
      .executeTakeFirst();
    return ok(Number(numUpdatedRows));
  } catch (error) {
    if (isTrouble(error)) throw error;
    // The table was changed by hand before the backup: it lacks a column, or refuses the change.
    return fail({
      code: "backup-database",
      file,
      detail: `its tasks cannot be paused: ${systemCode(error)}: ${(error as Error).message}`,
    });
  } finally {
    await close();
    // They are empty, and stay until this process ends.
    for (const end of ["-wal", "-shm"]) await rm(`${database}${end}`, { force: true });
  }
};

/** The lock in the folder of a restore: it marks the folder as ours, and a killed restore holds it no longer. */
const markName = "restore.lock";

/** Removes the folders that killed restores left beside a data folder, if this account may list and remove them. */
const removeAbandoned = async (
  dataDir: string,
  removed: (folder: string) => void = () => undefined,
): Promise<void> => {
  const above = dirname(dataDir);
  const names = await attempt(() => readdir(above));
  for (const name of names.ok ? names.value : []) {
    if (!name.startsWith(`${basename(dataDir)}.`) || !/\.[\da-f]{8}(-[\da-f]+){4}\.unfinished$/.test(name))
      continue;
    const folder = join(above, name);
    const mark = join(folder, markName);
    if (lstatSync(folder, { throwIfNoEntry: false })?.uid !== process.geteuid?.() || !existsSync(mark))
      continue;
    const lock = await acquireFileLock({ path: mark, timeoutMs: 0 });
    if (!lock.ok) continue;
    const done = await attempt(() => rm(folder, { recursive: true }));
    await lock.value.release();
    if (done.ok) removed(folder);
  }
};

/** The path behind a link, which a rename would replace. */
const realPathOf = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return resolve(path);
  }
};

const isFree = async (dataDir: string): Promise<boolean> => {
  try {
    return (await readdir(dataDir)).length === 0;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return true;
    if (code === "ENOTDIR") return false;
    throw error;
  }
};

/** The mode of a data folder: other accounts may reach a socket in it, but not list it. */
const folderMode = 0o711;

/** Makes the entries of a backup in a folder of ours. Links come last: nothing is written through one. */
const newFolder = (root: string) => {
  const folders: { readonly path: string; readonly mode: number }[] = [];
  const links: { readonly path: string; readonly to: string }[] = [];
  return {
    add: async (entry: BackupEntry): Promise<void> => {
      const path = join(root, entry.path);
      if (entry.type === "link") return void links.push({ path, to: entry.to });
      if (entry.type === "file") return writeFileOf(path, entry);
      await mkdir(path, { mode: 0o700 });
      folders.push({ path, mode: entry.mode });
    },
    finish: async (): Promise<void> => {
      for (const { path, to } of links) await symlink(to, path);
      // The deepest first: some folders may not be written, or not be entered.
      for (const { path, mode } of folders.toReversed()) await chmod(path, mode & 0o1777);
      await chmod(root, folderMode);
    },
  };
};

const writeFileOf = async (path: string, { chunks, mode, mtimeMs }: FileEntry): Promise<void> => {
  const handle = await open(path, "wx", 0o600);
  try {
    for await (const chunk of chunks) await handle.writeFile(chunk);
    await handle.utimes(mtimeMs / 1000, mtimeMs / 1000);
    // A file of this account that begins with the rights of its owner is none that a backup should make.
    await handle.chmod(mode & 0o777);
    if (path.endsWith("/gatehouse.db")) await handle.sync();
  } finally {
    await handle.close();
  }
};
