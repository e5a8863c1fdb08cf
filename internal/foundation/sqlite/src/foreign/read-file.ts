import { Buffer } from "node:buffer";
import { closeSync, fstatSync, lstatSync, readSync, rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ok, type Result } from "@gatehouse/std";
import { cellOf, type Answer, type Cell } from "./cells.ts";
import type { ForeignRead, ForeignReadError } from "./foreign-reader.ts";
import { isSameFile, oddStats, openDescriptors, openPlain, refuse, type PlainFile } from "./plain-file.ts";
import { checkSchema } from "./schema-text.ts";
import { connectionTo, failureOf, isUnfinished, type Connection } from "./connection.ts";
import { copyToRecover } from "./recovered-copy.ts";
import { lengthsOf, valuesOf } from "./statements.ts";

type Outcome = Result<Answer, ForeignReadError>;

/** Texts of one answer, bytes: what the host takes in at once. A table's first row comes whatever its size. */
const maxAnswerBytes = 1024 * 1024;

/**
 * Reads a foreign file, in a process that may be ended at any moment. `scratch` is a folder that does not
 * exist, for a copy.
 */
export const readForeignFile = (read: ForeignRead, scratch: string): Outcome => {
  const plain = openPlain(read.file, read.maxBytes);
  if (!plain.ok) return plain;
  try {
    const odd = oddHeader(plain.value) ?? oddCompanion(read.file);
    return odd ?? readPlain(read, plain.value) ?? readRecovered(read, plain.value, scratch);
  } finally {
    // Closed last: closing a file drops every lock that this process has on it (fcntl(2)).
    closeSync(plain.value.fd);
  }
};

/**
 * The first bytes of what our own migrations make: rollback journal, not write-ahead log, for which SQLite
 * would make files in the foreign folder; texts as UTF-8.
 */
const oddHeader = ({ fd, stats }: PlainFile): Outcome | null => {
  if (stats.size === 0n) return refuse("missing", "it is empty: nothing was committed to it yet");
  const header = Buffer.alloc(100);
  const length = readSync(fd, header, 0, 100, 0);
  if (length < 100 || header.toString("latin1", 0, 16) !== "SQLite format 3\0")
    return refuse("not-a-database", "it is not a SQLite database");
  if (header[18] !== 1 || header[19] !== 1) return refuse("other-schema", "it keeps a write-ahead log");
  if (header.readUInt32BE(56) !== 1) return refuse("other-schema", "its texts are not UTF-8");
  return null;
};

/** SQLite would wait for ever in a pipe, and delete a log that does not belong to the file. */
const oddCompanion = (file: string): Outcome | null => {
  if (lstatSync(`${file}-wal`, { throwIfNoEntry: false }) !== undefined)
    return refuse("other-schema", "a write-ahead log is beside it");
  const journal = lstatSync(`${file}-journal`, { throwIfNoEntry: false });
  if (journal?.isFile() === false) return refuse("not-a-file", "its journal is not a plain file");
  return null;
};

/** Attempts to open a file, while what was opened does not look like it. */
const tries = 3;

/** Another file, or another thread opened something at the same moment: a new look tells. */
const replaced = refuse("not-a-file", "it was replaced while it was opened");

/** Null for a file that has to be recovered first. */
const readPlain = (read: ForeignRead, plain: PlainFile): Outcome | null => {
  let outcome = readOnce(read, plain);
  for (let tried = 1; tried < tries && outcome === replaced; tried += 1) outcome = readOnce(read, plain);
  return outcome;
};

const readOnce = (read: ForeignRead, plain: PlainFile): Outcome | null => {
  const before = openDescriptors();
  const opened = connectionTo(`${pathToFileURL(read.file).href}?mode=ro`);
  if (!opened.ok) return opened;
  const connection = opened.value;
  try {
    if (!isSameFile(read.file, plain, before)) return replaced;
    const outcome = attempt(() => checkedRows(connection, read));
    return outcome?.ok === true ? inBounds(read, plain, outcome) : outcome;
  } finally {
    connection.close();
  }
};

/** The file may have grown meanwhile. */
const inBounds = (read: ForeignRead, plain: PlainFile, outcome: Outcome): Outcome =>
  oddStats(fstatSync(plain.fd, { bigint: true }), read.maxBytes) ?? outcome;

const readRecovered = (read: ForeignRead, plain: PlainFile, scratch: string): Outcome => {
  try {
    const copy = copyToRecover(read.file, plain, read.maxBytes, scratch);
    if (!copy.ok) return copy;
    const opened = connectionTo(`${pathToFileURL(copy.value).href}?mode=rw`);
    if (!opened.ok) return opened;
    const outcome = attempt(() => checkedRows(opened.value, read));
    opened.value.close();
    const unfinished = refuse("damaged", "it cannot be recovered");
    return oddStats(lstatSync(copy.value, { bigint: true }), read.maxBytes) ?? outcome ?? unfinished;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** Null where its writer left a transaction unfinished. */
const attempt = (ask: () => Outcome | null): Outcome | null => {
  try {
    return ask();
  } catch (error) {
    return isUnfinished(error) ? null : failureOf(error);
  }
};

const checkedRows = (connection: Connection, read: ForeignRead): Outcome => {
  connection.begin();
  const other = checkSchema(connection, read.schema);
  return other === null ? rowsFrom(connection, read) : refuse("other-schema", other);
};

const rowsFrom = (connection: Connection, read: ForeignRead): Outcome => {
  let left = maxAnswerBytes;
  const answer = read.tables.map((table) => {
    const lengths = connection.all(lengthsOf(table)).map((row) => row.map(Number));
    const sizes = lengths.map((row) => row.reduce((sum, length) => sum + cappedAt(length, read), 0));
    const count = sizes.findIndex((size, index) => (left -= size) < 0 && index > 0);
    const limit = count === -1 ? sizes.length : count;
    return limit === 0 ? [] : cellsOf(connection.all(valuesOf(table, limit, read.maxTextBytes)));
  });
  return ok(answer);
};

/** A longer text is not loaded. */
const cappedAt = (length: number, { maxTextBytes }: ForeignRead): number =>
  length > maxTextBytes ? 0 : length;

const cellsOf = (rows: readonly (readonly unknown[])[]): readonly (readonly Cell[])[] =>
  rows.map((row) => {
    const cells: Cell[] = [];
    for (let index = 0; index < row.length; index += 2) cells.push(cellOf(row[index], row[index + 1]));
    return cells;
  });
