import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, type BigIntStats } from "node:fs";
import { dirname } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { ForeignReadError } from "./foreign-reader.ts";

/** A file that was checked, and is held open. */
export type PlainFile = { readonly fd: number; readonly stats: BigIntStats };

/** An error with its sentence. */
export const refuse = (code: ForeignReadError["code"], detail: string): Result<never, ForeignReadError> =>
  fail({ code, detail });

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens a file that has one name and is no link, pipe or device, in a folder that is no link. Whoever owns the
 * folder may replace the file at any time: what counts is what was opened, so the open file is looked at.
 */
export const openPlain = (file: string, maxBytes: number): Result<PlainFile, ForeignReadError> => {
  try {
    return oddPlace(file) ?? opened(file, maxBytes);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return refuse("missing", "there is no such file");
    return refuse("not-a-file", `it cannot be opened: ${code}`);
  }
};

const opened = (file: string, maxBytes: number): Result<PlainFile, ForeignReadError> => {
  const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const stats = fstatSync(fd, { bigint: true });
  const refused = oddStats(stats, maxBytes);
  if (refused === null) return ok({ fd, stats });
  closeSync(fd);
  return refused;
};

/** Says what stands in the way before anything is opened: opening a device can have effects. */
const oddPlace = (file: string): Result<never, ForeignReadError> | null => {
  const folder = lstatSync(dirname(file), { throwIfNoEntry: false });
  if (folder === undefined) return refuse("missing", "its folder is missing");
  if (!folder.isDirectory()) return refuse("not-a-file", "its folder is a link");
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there === undefined) return refuse("missing", "there is no such file");
  return there.isFile() ? null : refuse("not-a-file", "it is not a plain file");
};

export const oddStats = (stats: BigIntStats, maxBytes: number): Result<never, ForeignReadError> | null => {
  if (!stats.isFile()) return refuse("not-a-file", "it is not a plain file");
  if (stats.nlink !== 1n) return refuse("not-a-file", "it has a second name");
  if (stats.size > maxBytes)
    return refuse("too-large", `it has ${stats.size} bytes, ${maxBytes} are allowed`);
  return null;
};

/** What this process has open, by descriptor. Null where the system does not list them. */
export const openDescriptors = (): ReadonlyMap<number, BigIntStats> | null => {
  try {
    return new Map(readdirSync("/dev/fd").flatMap((name) => statsOf(Number(name))));
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * Whether what was opened since `before` is this file and no other. SQLite opens by path and follows links, so
 * a link could have been put there after the check, to another session's file with the very same schema.
 * Where descriptors are not listed, the path is looked at again instead; then a file that is replaced and put
 * back in between is read. Its rows are data of whoever owns the folder, like any that he may write.
 */
export const isSameFile = (
  file: string,
  { stats }: PlainFile,
  before: ReturnType<typeof openDescriptors>,
): boolean => {
  const now = openDescriptors();
  if (before === null || now === null)
    return isOne(lstatSync(file, { bigint: true, throwIfNoEntry: false }), stats);
  // libsql's first connection also makes sockets for its threads. What was closed meanwhile, by a thread or
  // a collection, gives its number to what is opened next: a number alone says nothing.
  const added = [...now].filter(([fd, found]) => found.isFile() && !isOne(before.get(fd), found));
  return added.length > 0 && added.every(([, found]) => isOne(found, stats));
};

const isOne = (found: BigIntStats | undefined, stats: BigIntStats): boolean =>
  found !== undefined && found.dev === stats.dev && found.ino === stats.ino;

/** The folder that was read for the list is one of them, and closed by now. */
const statsOf = (fd: number): readonly (readonly [number, BigIntStats])[] => {
  try {
    return [[fd, fstatSync(fd, { bigint: true })]];
  } catch (error) {
    if (systemCode(error) === "EBADF") return [];
    throw error;
  }
};
