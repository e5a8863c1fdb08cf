import { constants, type Dirent } from "node:fs";
import { lstat, mkdir, open, readdir, readlink, symlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { systemCode } from "@gatehouse/std";

/** A skipped entry of a folder, by its path in the folder. */
export type SkippedEntry = { readonly path: string; readonly why: string };

export type CopiedFolder = { readonly files: number; readonly skipped: readonly SkippedEntry[] };

/** The options of a copy. */
export type CopyOptions = {
  /** True for a dry run: all copies are empty, except `container.json`, which the import reads again. */
  readonly isDry: boolean;
  /** The limit on a file, bytes; larger files are skipped. Default: 1 GiB. */
  readonly maxBytes?: number;
};

const gibibyte = 2 ** 30;

/**
 * Copies a folder with its contents to a new path; only the owner may enter the new folder. Makes an empty folder if the
 * source is missing. Copies a link within the folder as a link. Skips other links, sockets, pipes, devices and too large
 * files. Throws the system's errors.
 */
export const copyFolder = async (from: string, to: string, options: CopyOptions): Promise<CopiedFolder> => {
  const { isDry, maxBytes = gibibyte } = options;
  const copy: Copy = { root: from, isDry, maxBytes, files: 0, skipped: [] };
  await mkdir(to, { mode: 0o700 });
  const why = await problemOf(from);
  if (why === null) await copyInto(copy, from, to);
  else copy.skipped.push({ path: ".", why });
  return { files: copy.files, skipped: copy.skipped };
};

/** Returns the reason why a folder cannot be copied, or null. */
const problemOf = async (path: string): Promise<string | null> => {
  try {
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) return "the folder is a link";
    if ((await lstat(dirname(path))).isSymbolicLink()) return "its parent folder is a link";
    return stat.isDirectory() ? null : "the path is not a folder";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "there is no folder";
    throw error;
  }
};

type Copy = Required<CopyOptions> & {
  readonly root: string;
  files: number;
  readonly skipped: SkippedEntry[];
};

const copyInto = async (copy: Copy, from: string, to: string): Promise<void> => {
  for (const entry of await readdir(from, { withFileTypes: true }))
    await copyEntry(copy, entry, join(from, entry.name), join(to, entry.name));
};

const copyEntry = async (copy: Copy, entry: Dirent, from: string, to: string): Promise<void> => {
  const skip = (why: string): void => void copy.skipped.push({ path: relative(copy.root, from), why });
  // Node 20.20 replaces bytes that are not UTF-8 by U+FFFD, and cannot open the file by that name.
  if (entry.name.includes("\ufffd")) return skip("its name is not UTF-8");
  if (entry.isDirectory()) {
    await mkdir(to, { mode: ((await lstat(from)).mode & 0o777) | 0o700 });
    return copyInto(copy, from, to);
  }
  if (entry.isFile()) return copyPlainFile(copy, from, to);
  if (!entry.isSymbolicLink()) return skip("neither a file nor a folder");
  if (!(await staysWithin(copy.root, from))) return skip("a link that leads out of the folder");
  await symlink(await readlink(from), to);
};

const staysWithin = async (root: string, link: string): Promise<boolean> => {
  const to = await readlink(link);
  const path = relative(root, resolve(dirname(link), to));
  return !to.startsWith("/") && path !== ".." && !path.startsWith("../");
};

const copyPlainFile = async (copy: Copy, from: string, to: string): Promise<void> => {
  const source = await openPlain(from);
  if (source === null) return;
  try {
    const facts = await source.stat();
    if (!facts.isFile()) return;
    if (facts.size > copy.maxBytes) {
      const why = `longer than ${Math.round(copy.maxBytes / 2 ** 20)} MiB`;
      return void copy.skipped.push({ path: relative(copy.root, from), why });
    }
    copy.files += 1;
    const isEmpty = facts.size === 0 || (copy.isDry && basename(from) !== "container.json");
    // The setuid and setgid bits are not copied.
    const target = await open(to, "wx", facts.mode & 0o777);
    // The copy ends at the file's current end, because a writer may be appending to the file.
    const bytes = { start: 0, end: Math.max(facts.size - 1, 0), autoClose: false };
    if (isEmpty) await target.close();
    else await pipeline(source.createReadStream(bytes), target.createWriteStream({ flush: true }));
  } finally {
    await source.close();
  }
};

/** Opens a file for reading. Returns null if the file was removed or replaced by a link since the check. */
const openPlain = async (path: string): Promise<FileHandle | null> => {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ELOOP") return null;
    throw error;
  }
};
