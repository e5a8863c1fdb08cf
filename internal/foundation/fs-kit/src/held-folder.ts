import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, open, rename, type FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** A folder that is held open. Its path leads to this folder, whatever another program puts on the way to it. */
export type HeldFolder = {
  /** The path of the folder, or of an entry in it, while the folder is held. */
  readonly at: (name?: string) => string;
  readonly facts: Stats;
};

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/**
 * Holds the folder `below` of `root` during `use`. Use it for every folder in which an agent or another person can write:
 * no part below `root` may be a link, also if it is exchanged meanwhile. Throws system errors; `ENOTDIR` for a link or
 * another entry that is no folder.
 */
export const inFolder = async <T>(
  root: string,
  below: string,
  use: (folder: HeldFolder) => Promise<T>,
): Promise<T> => {
  let held = await holdFolder(root, 0);
  try {
    for (const name of below.split(sep).filter((part) => part !== "" && part !== ".")) {
      if (name === "..") throw withCode("EINVAL", join(root, below));
      const next = await holdFolder(held.folder.at(name), O_NOFOLLOW);
      await held.handle.close();
      held = next;
    }
    return await use(held.folder);
  } finally {
    await held.handle.close();
  }
};

type Held = { readonly folder: HeldFolder; readonly handle: FileHandle };

const holdFolder = async (path: string, flags: number): Promise<Held> => {
  const handle = await open(path, O_RDONLY | O_DIRECTORY | flags);
  try {
    const facts = await handle.stat();
    // Other systems have no path of a handle.
    const base = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : path;
    return { handle, folder: { facts, at: (name) => (name === undefined ? base : `${base}${sep}${name}`) } };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/**
 * Opens a plain file of a held folder for reading. Throws system errors; the code is `EISDIR` for a folder, and
 * `not-a-file` for a link, a named pipe, a device, a socket, and a hard link to a file of another account.
 */
export const openEntry = async (folder: HeldFolder, name: string): Promise<FileHandle> => {
  const handle = await open(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    const code = systemCode(error);
    throw code === "ELOOP" || code === "ENXIO" ? withCode("not-a-file", name) : error;
  });
  try {
    const { uid, nlink, ...facts } = statOf(await handle.stat());
    if (facts.isFolder) throw withCode("EISDIR", name);
    if (!facts.isFile || (nlink > 1 && uid !== folder.facts.uid)) throw withCode("not-a-file", name);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
};

const statOf = (stat: Stats) => ({
  uid: stat.uid,
  nlink: stat.nlink,
  isFile: stat.isFile(),
  isFolder: stat.isDirectory(),
});

/** Reads a plain file of a held folder. Throws like `openEntry`, and `EFBIG` for a larger file. */
export const readEntry = async (
  folder: HeldFolder,
  name: string,
  mostBytes: number,
): Promise<{ readonly bytes: Buffer; readonly mode: number }> => {
  const handle = await openEntry(folder, name);
  try {
    const { size, mode } = await handle.stat();
    if (size > mostBytes) throw withCode("EFBIG", name);
    // The file may grow meanwhile.
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    return { bytes: bytes.subarray(0, bytesRead), mode: mode & 0o777 };
  } finally {
    await handle.close();
  }
};

/** Renames an entry that is in the way, and keeps it. Returns its new name, which no other program can guess. */
export const moveAside = async (folder: HeldFolder, name: string): Promise<string> => {
  const aside = `${name}.${randomUUID()}.aside`;
  await rename(folder.at(name), folder.at(aside));
  return aside;
};

/** Returns what an entry of a held folder is; null if there is none. */
export const kindOfEntry = async (
  folder: HeldFolder,
  name: string,
): Promise<"file" | "folder" | "other" | null> => {
  try {
    const facts = await lstat(folder.at(name));
    return facts.isFile() ? "file" : facts.isDirectory() ? "folder" : "other";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};

const withCode = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });
