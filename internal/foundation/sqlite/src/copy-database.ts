import { Buffer } from "node:buffer";
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { copyFile, rm, stat } from "node:fs/promises";
import { systemCode, type Result } from "@gatehouse/std";
import { attempt } from "./attempt.ts";

/** The error of a database that cannot be copied, or whose copy cannot be read. */
export type CopyError =
  | { readonly code: "no-such-file"; readonly file: string }
  | { readonly code: "file-in-use"; readonly file: string }
  | { readonly code: "file-unreadable"; readonly file: string; readonly detail: string };

/** Number of attempts to copy a database that another program writes to. */
const tries = 3;

/** Copies a database with its logs, without opening it in SQLite. */
export const copyDatabase = async (file: string, copy: string): Promise<Result<null, CopyError>> => {
  for (let tried = 0; tried < tries; tried++) {
    const before = await stampOf(file);
    if (before === null) return { ok: false, error: { code: "no-such-file", file } };
    const done = await attempt(() => copyFiles(file, copy));
    // Also where a log is gone that was there: a program that closes its database removes its logs.
    if (before !== (await stampOf(file))) continue;
    if (!done.ok) return { ok: false, error: { code: "file-unreadable", file, detail: done.error } };
    // The copy is checked, since no other account can change it.
    if (!namesSuperJournal(`${copy}-journal`)) return { ok: true, value: null };
    const detail = "its journal names another journal";
    return { ok: false, error: { code: "file-unreadable", file, detail } };
  }
  return { ok: false, error: { code: "file-in-use", file } };
};

const copyFiles = async (file: string, copy: string): Promise<void> => {
  await copyFile(file, copy, constants.COPYFILE_FICLONE);
  for (const suffix of logs) {
    await rm(`${copy}${suffix}`, { force: true });
    if ((await modified(`${file}${suffix}`)) !== null) await copyFile(`${file}${suffix}`, `${copy}${suffix}`);
  }
};

/** Suffixes of the files from which SQLite recovers a database after a crash. */
const logs: readonly string[] = ["-wal", "-journal"];

/**
 * A text that changes with every write to the database or its logs. Null if there is no such file, or no
 * regular one: a pipe would never end.
 */
const stampOf = async (file: string): Promise<string | null> => {
  const own = await modified(file);
  if (own === null) return null;
  return [own, ...(await Promise.all(logs.map((suffix) => modified(`${file}${suffix}`))))].join(", ");
};

const modified = async (file: string): Promise<string | null> => {
  try {
    const stats = await stat(file, { bigint: true });
    const { mtimeNs, size, ino } = stats;
    if (!stats.isFile()) return null;
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
};

/** The last bytes of a journal that names a super-journal. The name precedes them. */
const endOfName = Buffer.from("d9d505f920a163d7", "hex");

/**
 * True if a journal names the super-journal of a transaction over several files. SQLite reads the file of
 * that name and may delete it: if another program wrote the name, it could be any file of ours. Call it only
 * for a regular file that no other program changes.
 */
const namesSuperJournal = (journal: string): boolean => {
  if (!existsSync(journal)) return false;
  const fd = openSync(journal, "r");
  try {
    const end = Buffer.alloc(endOfName.length);
    const from = fstatSync(fd).size - end.length;
    return from >= 0 && readSync(fd, end, 0, end.length, from) === end.length && end.equals(endOfName);
  } finally {
    closeSync(fd);
  }
};
