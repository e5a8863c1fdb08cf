import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, type BigIntStats } from "node:fs";
import { dirname } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { ForeignReadError } from "./foreign-reader.ts";

/** A file that was checked and is kept open. */
export type PlainFile = { readonly fd: number; readonly stats: BigIntStats };

/** Makes an error result with this code and detail. */
export const refuse = (code: ForeignReadError["code"], detail: string): Result<never, ForeignReadError> =>
  fail({ code, detail });

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens a file that has one name and is not a link, pipe or device, in a folder that is not a link. The owner
 * of the folder may replace the file at any time, so the checks are made on the open file.
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

/** Checks the place before the file is opened: opening a device can have effects. */
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

/** The open files of this process, by descriptor. Null if the system does not list them. */
export const openDescriptors = (): ReadonlyMap<number, BigIntStats> | null => {
  try {
    return new Map(readdirSync("/dev/fd").flatMap((name) => statsOf(Number(name))));
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * True if the only file opened since `before` is this one. SQLite opens by path and follows links, so a link
 * could have been put there after the check, to another session's file with the same schema. If the system
 * does not list descriptors, the path is checked again instead; then a file that is replaced and restored in
 * between is not noticed. Its rows are data of the folder's owner, like all rows that this account may write.
 */
export const isSameFile = (
  file: string,
  { stats }: PlainFile,
  before: ReturnType<typeof openDescriptors>,
): boolean => {
  const now = openDescriptors();
  if (before === null || now === null)
    return isOne(lstatSync(file, { bigint: true, throwIfNoEntry: false }), stats);
  // libsql's first connection also opens sockets for its threads. If a thread or a collection closes a file
  // meanwhile, the next opened file gets its descriptor: so the number alone is not enough.
  const added = [...now].filter(([fd, found]) => found.isFile() && !isOne(before.get(fd), found));
  return added.length > 0 && added.every(([, found]) => isOne(found, stats));
};

const isOne = (found: BigIntStats | undefined, stats: BigIntStats): boolean =>
  found !== undefined && found.dev === stats.dev && found.ino === stats.ino;

/** The list includes the descriptor of /dev/fd itself, which is closed by now. */
const statsOf = (fd: number): readonly (readonly [number, BigIntStats])[] => {
  try {
    return [[fd, fstatSync(fd, { bigint: true })]];
  } catch (error) {
    if (systemCode(error) === "EBADF") return [];
    throw error;
  }
};
