import { closeSync, constants, fstatSync, openSync, readFileSync, readdirSync } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Result, fail, ok, systemCode } from "@gatehouse/std";
import { type ProcessRecord, recordIn } from "./process-record.ts";

export type RecordsUnusable = { readonly code: "records-unusable"; readonly message: string };

export type ListedRecords = {
  readonly records: readonly ProcessRecord[];
  /** Files with an incomplete record, or that cannot be read. They are left unchanged. */
  readonly torn: readonly string[];
};

/** A folder with a file for each process that was started and has not ended yet. */
export type ProcessRecords = {
  /** Resolves when the complete record is on disk. */
  readonly add: (record: ProcessRecord) => Promise<Result<null, RecordsUnusable>>;
  readonly list: () => Promise<Result<ListedRecords, RecordsUnusable>>;
  /** The record with this id; null if it is missing or incomplete. */
  readonly read: (id: string) => Promise<Result<ProcessRecord | null, RecordsUnusable>>;
  /** Removes a record. A missing record is not an error, because two hosts may have seen the same exit. */
  readonly remove: (id: string) => Promise<Result<null, RecordsUnusable>>;
};

const ending = ".json";
/** The ending of a record that is being written. */
const unfinished = `${ending}.new`;
/** Age of an unfinished record that a kill -9 left behind, ms. */
const longestWriteMs = 60_000;

/** The records in this folder. The folder is made with the first record. */
export const processRecords = (folder: string): ProcessRecords => {
  const fileOf = (id: string): string => join(folder, `${id}${ending}`);
  return {
    add: (record) =>
      attempt(folder, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(fileOf(record.id), JSON.stringify(record));
        return null;
      }),
    list: () => attempt(folder, () => listIn(folder)),
    read: (id) =>
      attempt(folder, async () => {
        const text = textIn(fileOf(id));
        const record = typeof text === "string" ? recordIn(text) : null;
        return record?.id === id ? record : null;
      }),
    remove: (id) =>
      attempt(folder, async () => {
        await rm(fileOf(id), { force: true });
        return null;
      }),
  };
};

/** Writes a record so that a reader finds a complete file or none. A kill -9 leaves an unfinished file. */
const writeWhole = async (file: string, text: string): Promise<void> => {
  const fresh = `${file.slice(0, -ending.length)}${unfinished}`;
  const handle = await open(fresh, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
};

/**
 * Reads all records. Reads synchronously, because each small file would take four turns of the thread pool while a
 * starting program waits.
 */
const listIn = async (folder: string): Promise<ListedRecords> => {
  const records: ProcessRecord[] = [];
  const torn: string[] = [];
  const names = namesIn(folder);
  await Promise.all(
    names.filter((name) => name.endsWith(unfinished)).map((name) => clear(join(folder, name))),
  );
  for (const name of names.filter((name) => name.endsWith(ending))) {
    const file = join(folder, name);
    const text = textIn(file);
    // The process has ended meanwhile, and its record was removed.
    if (text === null) continue;
    const record = text === unreadable ? null : recordIn(text);
    if (record === null || `${record.id}${ending}` !== name) torn.push(file);
    else records.push(record);
  }
  return { records, torn };
};

const clear = async (file: string): Promise<void> => {
  try {
    if ((await stat(file)).mtimeMs < Date.now() - longestWriteMs) await rm(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};

/** Stands for the file of another account, or a folder: one such entry must not hide the other records. */
const unreadable = Symbol("unreadable");
const unreadableCodes: readonly string[] = ["EISDIR", "EACCES", "EPERM", "ELOOP"];

/**
 * Like `readPlainFile` of fs-kit, which this package does not import. A named pipe would block every program
 * that lists agents.
 */
const plainText = (file: string): string | typeof unreadable => {
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(descriptor);
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(descriptor, "utf8") : unreadable;
  } finally {
    closeSync(descriptor);
  }
};

/** Maximum size of a record, in bytes; a record has less than a kilobyte. */
const mostBytes = 1_048_576;

/** Null if the file was removed meanwhile. */
const textIn = (file: string): string | typeof unreadable | null => {
  try {
    return plainText(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return null;
    if (unreadableCodes.includes(code)) return unreadable;
    throw error;
  }
};

const attempt = async <T>(folder: string, work: () => Promise<T>): Promise<Result<T, RecordsUnusable>> => {
  try {
    return ok(await work());
  } catch (error) {
    return fail({ code: "records-unusable", message: `${folder} cannot be used: ${systemCode(error)}` });
  }
};
