import { lstat, mkdir, open, readdir, readlink, symlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { inFolder, kindOfEntry, openEntry, type HeldFolder } from "@gatehouse/fs-kit";
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
 * source is missing. An agent may still change the source: each folder is held open, and no link is followed. A link is
 * copied if it stays within the folder and no other link is on its way. Skips other links, sockets, pipes, devices and too
 * large files. Throws the system's errors.
 */
export const copyFolder = async (from: string, to: string, options: CopyOptions): Promise<CopiedFolder> => {
  const { isDry, maxBytes = gibibyte } = options;
  const copy: Copy = { root: from, to, isDry, maxBytes, files: 0, skipped: [], links: new Map() };
  await mkdir(to, { mode: 0o700 });
  const why = await problemOf(from);
  if (why === null) await copyInto(copy, "");
  else copy.skipped.push({ path: ".", why });
  await makeLinks(copy);
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
  readonly to: string;
  files: number;
  readonly skipped: SkippedEntry[];
  /** The links of the source, by path: the text of each. */
  readonly links: Map<string, string>;
};

/** Copies what is in a folder of the source, which has this path below its root. */
const copyInto = (copy: Copy, below: string): Promise<void> =>
  inFolder(dirname(copy.root), join(basename(copy.root), below), async (folder) => {
    if (below !== "") await mkdir(join(copy.to, below), { mode: (folder.facts.mode & 0o777) | 0o700 });
    for (const name of await readdir(folder.at())) await copyEntry(copy, folder, join(below, name));
  });

const copyEntry = async (copy: Copy, folder: HeldFolder, path: string): Promise<void> => {
  const name = basename(path);
  const skip = (why: string): void => void copy.skipped.push({ path, why });
  // Node 20.20 replaces bytes that are not UTF-8 by U+FFFD, and cannot open the file by that name.
  if (name.includes("\ufffd")) return skip("its name is not UTF-8");
  try {
    const kind = await kindOfEntry(folder, name);
    if (kind === "folder") return await copyInto(copy, path);
    if (kind === "file") return await copyPlainFile(copy, await openEntry(folder, name), path);
    if (kind === "other") copy.links.set(path, await readlink(folder.at(name)));
  } catch (error) {
    const why = notCopied[systemCode(error)];
    if (why === undefined) throw error;
    skip(why);
  }
};

/** The errors of entries that are skipped: some are replaced by others while they are copied. */
const notCopied: Readonly<Record<string, string>> = {
  // readlink(2) of another entry.
  EINVAL: "neither a file nor a folder",
  "not-a-file": "a link, or a second name of another account's file",
  ENOTDIR: "it was replaced by another entry",
  EISDIR: "it was replaced by a folder",
  ENOENT: "it was removed",
};

/** Makes the links in the copy, in which no other program can put a link on the way of a checked one. */
const makeLinks = async ({ to, links, skipped }: Copy): Promise<void> => {
  for (const [path, target] of links) {
    const why = linkProblem(links, path, target);
    if (why === null) await symlink(target, join(to, path));
    else skipped.push({ path, why });
  }
};

/** Returns the reason why a link is not copied, or null. The last name of its target may be a link, which is checked itself. */
const linkProblem = (links: ReadonlyMap<string, string>, path: string, target: string): string | null => {
  if (target.includes("\ufffd")) return "its target is not UTF-8";
  const leadsOut = "a link that leads out of the folder";
  if (target.startsWith("/")) return leadsOut;
  const at = path.split("/").slice(0, -1);
  for (const name of target.split("/").filter((one) => one !== "" && one !== ".")) {
    if (links.has(at.join("/"))) return "a link with another link on its way";
    if (name !== "..") at.push(name);
    else if (at.pop() === undefined) return leadsOut;
  }
  return null;
};

const copyPlainFile = async (copy: Copy, source: FileHandle, path: string): Promise<void> => {
  try {
    const facts = await source.stat();
    if (facts.size > copy.maxBytes) {
      const why = `longer than ${Math.round(copy.maxBytes / 2 ** 20)} MiB`;
      return void copy.skipped.push({ path, why });
    }
    copy.files += 1;
    const isEmpty = facts.size === 0 || (copy.isDry && basename(path) !== "container.json");
    // The setuid and setgid bits are not copied.
    const target = await open(join(copy.to, path), "wx", facts.mode & 0o777);
    // The copy ends at the file's current end, because a writer may be appending to the file.
    const bytes = { start: 0, end: Math.max(facts.size - 1, 0), autoClose: false };
    if (isEmpty) await target.close();
    else await pipeline(source.createReadStream(bytes), target.createWriteStream({ flush: true }));
  } finally {
    await source.close();
  }
};
