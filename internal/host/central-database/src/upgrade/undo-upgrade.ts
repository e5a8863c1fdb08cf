import { existsSync } from "node:fs";
import { chmod, copyFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "@gatehouse/sqlite";
import { fail, ok, type Result } from "@gatehouse/std";
import { sql } from "kysely";
import { backupsFolder, copiedAt, copiesIn, copyNameOf, sync, unfinishedOf } from "../backup.ts";
import { readSchema } from "../migrate.ts";
import { centralFile, detailOf, openFile, type OpenError } from "../open-central.ts";
import { countsOf } from "./try-upgrade.ts";

/** The way back to the database from before the last migration. */
export type UndoPlan = {
  /** The copy that is put in place, and the schema version and the time of it (ISO 8601, UTC). */
  readonly copy: string;
  readonly version: number;
  readonly copiedAt: string;
  /** The version that the database has now. */
  readonly present: number;
  /** By table, how many rows it has now, and how many the copy has. Only tables in which these differ. */
  readonly tables: readonly { readonly table: string; readonly now: number; readonly then: number }[];
};

/** Finds the newest copy of an older schema in `backups/`, and what is lost with it. Null if there is none. Reads only. */
export const planUndo = async (dataDir: string): Promise<Result<UndoPlan | null, OpenError>> => {
  const file = centralFile(dataDir);
  const now = await countsIn(file);
  if (!now.ok) return now;
  const present = now.value.version;
  const folder = backupsFolder(dataDir);
  const copies = await attempt(() => (existsSync(folder) ? copiesIn(folder) : []));
  if (!copies.ok)
    return fail({ code: "undo-failed", file, copy: join(folder, "gatehouse-v*.db"), detail: copies.error });
  const older = copies.value.filter((name) => copiedAt(name).version < present);
  const name = older.at(-1);
  if (name === undefined) return ok(null);
  const copy = join(folder, name);
  const then = await countsIn(copy);
  if (!then.ok) return then;
  const tables = [...now.value.counts].flatMap(([table, rows]) => {
    const before = then.value.counts.get(table) ?? 0;
    return rows === before ? [] : [{ table, now: rows, then: before }];
  });
  const { version, at } = copiedAt(name);
  const found = then.value.version;
  if (found !== version)
    return fail({
      code: "database-unusable",
      file: copy,
      detail: `its schema is ${found}, and its name says ${version}`,
    });
  return ok({ copy, version, copiedAt: at, present, tables });
};

const countsIn = async (
  file: string,
): Promise<Result<{ readonly version: number; readonly counts: ReadonlyMap<string, number> }, OpenError>> => {
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) return opened;
  const { db, close } = opened.value;
  try {
    const read = await attempt(async () => ({ schema: await readSchema(db), counts: await countsOf(db) }));
    if (!read.ok) return fail({ code: "database-unusable", file, detail: read.error });
    const { schema, counts } = read.value;
    if (schema.ok) return ok({ version: schema.value.version, counts });
    if (schema.error.code === "newer-schema") return ok({ version: schema.error.found, counts });
    return fail({ ...schema.error, file });
  } finally {
    await attempt(close);
  }
};

/**
 * Puts the copy of a plan in the place of the database, at once: a kill leaves the one or the other. The present database is
 * kept in `backups/`; returns its path. The caller holds the data folder, so that no host has it open. `at` is ISO 8601, UTC.
 */
export const undoUpgrade = async (
  dataDir: string,
  { copy, present }: Pick<UndoPlan, "copy" | "present">,
  at: string,
): Promise<Result<string, OpenError>> => {
  const file = centralFile(dataDir);
  const kept = join(backupsFolder(dataDir), copyNameOf(present, at));
  const unfinished = unfinishedOf(file);
  const undone = await attempt(async (): Promise<string | null> => {
    await copyWhole(copy, unfinished);
    const problem = await emptyLog(file);
    if (problem !== null) return problem;
    // No link: a kill would leave the database with two names, and root refuses a file of another account with these.
    await copyWhole(file, `${kept}.unfinished`);
    await rename(`${kept}.unfinished`, kept);
    await sync(backupsFolder(dataDir));
    // SQLite would write the changes of a log into the copy.
    for (const end of ["-wal", "-shm"]) await rm(`${file}${end}`, { force: true });
    await rename(unfinished, file);
    return null;
  });
  const detail = undone.ok ? undone.value : undone.error;
  if (detail !== null) {
    for (const path of [unfinished, `${kept}.unfinished`, kept])
      await attempt(() => rm(path, { force: true }));
    return fail({ code: "undo-failed", file, copy, detail });
  }
  // The copy is in place. If the disk refuses this, a power cut may bring the database from before back, as a whole.
  await attempt(() => sync(dataDir));
  return ok(kept);
};

/** Copies a file, and waits until the disk has the copy. Only its owner can read it. */
const copyWhole = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to);
  await chmod(to, 0o600);
  await sync(to);
};

/** Moves what a killed host left in the log into the file. Returns why it cannot, else null. */
const emptyLog = async (file: string): Promise<string | null> => {
  const opened = await openFile(file, { isDurable: true });
  if (!opened.ok) return detailOf(opened.error);
  const { db, close } = opened.value;
  try {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
    return rows[0]?.busy === 0 ? null : "another program has the database open";
  } finally {
    await attempt(close);
  }
};
