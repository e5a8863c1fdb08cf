import { constants } from "node:fs";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { openSqlite } from "@nc/container-config/node";
import { systemCode } from "@trust/preflight/node";
import { attempt } from "../database/attempt.ts";
import type { Result } from "../result.ts";
import type { LegacyRow } from "./field-reader.ts";
import type { LegacyRows } from "./convert-rows.ts";

/** Why nothing can be read from a folder. */
export type SourceError =
  | { readonly code: "not-a-nanoclaw-folder"; readonly folder: string; readonly detail: string }
  | { readonly code: "source-in-use"; readonly file: string }
  | { readonly code: "source-unreadable"; readonly file: string; readonly detail: string };

/** Times that a database is copied which is written to meanwhile. */
const tries = 3;

/**
 * All rows of a nanoclaw folder's database. SQLite would write beside a database that it opens, even to read: so its file, and
 * the logs of what is not in it yet or has to be undone, are copied first, and the copy is what is opened.
 */
export const readSource = async (folder: string): Promise<Result<LegacyRows, SourceError>> => {
  const file = join(folder, "data", "v2.db");
  const scratch = await mkdtemp(join(tmpdir(), "gatehouse-import-"));
  try {
    const copied = await copyDatabase(folder, file, join(scratch, "v2.db"));
    return copied.ok ? await readCopy(folder, file, join(scratch, "v2.db")) : copied;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** What SQLite keeps beside a database, of which it makes it whole again after a crash. */
const logsOf = (file: string): readonly string[] => [`${file}-wal`, `${file}-journal`];

const copyDatabase = async (
  folder: string,
  file: string,
  copy: string,
): Promise<Result<null, SourceError>> => {
  for (let tried = 0; tried < tries; tried++) {
    const before = await stampOf(file);
    if (before === null)
      return { ok: false, error: { code: "not-a-nanoclaw-folder", folder, detail: `there is no ${file}` } };
    const done = await attempt(async () => {
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      for (const [number, log] of logsOf(file).entries()) {
        const copyOfLog = logsOf(copy)[number] ?? "";
        await rm(copyOfLog, { force: true });
        if ((await modified(log)) !== null) await copyFile(log, copyOfLog);
      }
    });
    if (!done.ok) return { ok: false, error: { code: "source-unreadable", file, detail: done.error } };
    if (before === (await stampOf(file))) return { ok: true, value: null };
  }
  return { ok: false, error: { code: "source-in-use", file } };
};

/** Changes with every write to the database or its logs; null where there is no such file. */
const stampOf = async (file: string): Promise<string | null> => {
  const own = await modified(file);
  if (own === null) return null;
  return [own, ...(await Promise.all(logsOf(file).map(modified)))].join(", ");
};

const modified = async (file: string): Promise<string | null> => {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
};

const readCopy = async (
  folder: string,
  file: string,
  copy: string,
): Promise<Result<LegacyRows, SourceError>> => {
  const opened = await openSqlite<Record<string, LegacyRow>>(copy);
  if (!opened.ok) {
    const detail = opened.error.code === "not-a-database" ? "it is no SQLite database" : opened.error.detail;
    return { ok: false, error: { code: "source-unreadable", file, detail } };
  }
  const { db, close } = opened.value;
  const read = await attempt(() => readTables(db));
  await close();
  if (!read.ok) return { ok: false, error: { code: "source-unreadable", file, detail: read.error } };
  if (typeof read.value === "string")
    return { ok: false, error: { code: "source-unreadable", file, detail: read.value } };
  if ("agent_groups" in read.value && "messaging_groups" in read.value)
    return { ok: true, value: read.value };
  const detail = `${file} has no tables agent_groups and messaging_groups`;
  return { ok: false, error: { code: "not-a-nanoclaw-folder", folder, detail } };
};

/** A text says what is damaged. */
const readTables = async (db: Kysely<Record<string, LegacyRow>>): Promise<LegacyRows | string> => {
  const [check] = (await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db)).rows;
  if (check?.quick_check !== "ok") return `it is damaged: ${check?.quick_check ?? ""}`;
  const { rows: tables } = await sql<{
    name: string;
  }>`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`.execute(db);
  const read: Record<string, readonly LegacyRow[]> = {};
  for (const { name } of tables) read[name] = await db.selectFrom(name).selectAll().execute();
  return read;
};
