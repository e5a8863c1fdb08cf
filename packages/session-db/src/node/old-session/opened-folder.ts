import { Buffer } from "node:buffer";
import { constants, existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { open, opendir, rmdir, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * On Linux this folder gives the path of an open file. On other systems the path can only be checked again.
 */
const openFiles = "/proc/self/fd";

const hasOpenFiles = existsSync(openFiles);

/**
 * Opens a folder only to pass through it, which needs no permission to list it. Node has no constant for
 * Linux's O_PATH.
 */
const searching = O_DIRECTORY | O_NOFOLLOW | (hasOpenFiles ? 0o10000000 : O_RDONLY);

/**
 * Whether a path still names the file that was opened by it, with no link in the parts below `base`. It asks
 * the kernel for the open file's path, because another process may have changed the path since.
 */
export const isOpenedAt = async (file: FileHandle, path: string, base: string): Promise<boolean> => {
  const real = join(realpathSync(base), path.slice(base.length));
  if (hasOpenFiles) return readlinkSync(join(openFiles, String(file.fd))) === real;
  const [found, named] = [await file.stat(), lstatSync(path, { throwIfNoEntry: false })];
  return named?.ino === found.ino && named.dev === found.dev && realpathSync(path) === real;
};

/**
 * Opens a folder and passes a path to it that stays valid if another process replaces the folder by a link.
 * Null if the path leads through a link below `base`. Throws Node's errors.
 */
export const inFolder = async <T>(
  path: string,
  base: string,
  use: (opened: string) => Promise<T>,
): Promise<T | null> => {
  const folder = await open(path, searching);
  try {
    if (!(await isOpenedAt(folder, path, base))) return null;
    return await use(openedPath(folder, path));
  } finally {
    await folder.close();
  }
};

const openedPath = (folder: FileHandle, path: string): string =>
  hasOpenFiles ? join(openFiles, String(folder.fd)) : path;

/** How many entries may still be removed. The limit is needed because an agent may have made any number. */
export type RemovalLimit = { left: number };

/** The names in an opened folder, as Latin-1 of their bytes, because an agent's names need not be UTF-8. */
export async function* entriesIn(opened: string): AsyncGenerator<string> {
  for await (const { name } of await opendir(opened, { encoding: "latin1" })) yield name;
}

/**
 * Removes an entry of an opened folder: a file, a link, or a folder with its files. A folder inside that one
 * goes only if it is empty. False if something stays. The name is Latin-1 of its bytes.
 */
export const removeEntry = async (opened: string, name: string, limit: RemovalLimit): Promise<boolean> => {
  if (limit.left <= 0) return false;
  limit.left -= 1;
  const path = pathIn(opened, name);
  if (await isRemoved(() => unlink(path))) return true;
  await emptyFolder(path, limit);
  return isRemoved(() => rmdir(path));
};

/** Removes as much as possible. An entry that stays keeps the folder from being removed. */
const emptyFolder = async (path: Buffer, limit: RemovalLimit): Promise<void> => {
  await isRemoved(async () => {
    const folder = await open(path, searching);
    try {
      const opened = openedPath(folder, path.toString());
      for await (const name of entriesIn(opened)) {
        if (limit.left <= 0) return;
        limit.left -= 1;
        const entry = pathIn(opened, name);
        if (!(await isRemoved(() => unlink(entry)))) await isRemoved(() => rmdir(entry));
      }
    } finally {
      await folder.close();
    }
  });
};

/** False if the entry stays. True also if another process removed it first. */
const isRemoved = async (remove: () => Promise<void>): Promise<boolean> => {
  try {
    await remove();
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return true;
    if (staying.has(code)) return false;
    throw error;
  }
};

const staying = new Set([
  ...["EISDIR", "ENOTDIR", "ENOTEMPTY", "EEXIST", "ELOOP"],
  ...["EACCES", "EPERM", "EBUSY", "EROFS"],
]);

const pathIn = (opened: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${opened}/`), Buffer.from(name, "latin1")]);
