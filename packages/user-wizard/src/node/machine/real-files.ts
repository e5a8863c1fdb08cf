import { constants } from "node:fs";
import { lstat, open, rename, rmdir, unlink, type FileHandle, readlink, realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import process from "node:process";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { FileError, Files, Owner, ReadFile } from "../../ports.ts";
import { entryOf } from "./disk-entry.ts";
import { closing, readBounded, strictText } from "./read-bounded.ts";

/** Converts the system's answer to one call into a result. */
export const attempt = async <T>(
  call: string,
  path: string,
  work: () => Promise<T>,
): Promise<Result<T, FileError>> => {
  try {
    return ok(await work());
  } catch (error) {
    return fail({ code: "file-error", errno: systemCode(error), call, path });
  }
};

/** The disk of this machine. Every change is synced, including its directory. */
export const realFiles: Files = {
  look: async (path) => {
    const looked = await attempt("look", path, () => lstat(path));
    if (looked.ok) return ok(entryOf(looked.value));
    return looked.error.errno === "ENOENT" ? ok(null) : looked;
  },

  read: (path) => attempt("read", path, () => readWhole(path, mostBytes)),

  create: (path, text, as) =>
    attempt("create", path, () =>
      inDirectoryOf(path, async ({ at, sync }) => {
        // "wx" fails if anything is there, including a link that leads nowhere (open(2), O_EXCL).
        const handle = await open(at, "wx", 0o600);
        await closing(handle, async () => {
          await handle.writeFile(text);
          await handle.chown(as.uid, as.gid);
          await handle.chmod(as.mode);
          await handle.sync();
        });
        await sync();
      }),
    ),

  rename: (from, to) =>
    attempt("rename", to, () =>
      inDirectoryOf(from, (source) =>
        inDirectoryOf(to, async (target) => {
          await rename(source.at, target.at);
          await target.sync();
          await source.sync();
        }),
      ),
    ),

  remove: (path) =>
    attempt("remove", path, () =>
      inDirectoryOf(path, async ({ at, sync }) => {
        const isDirectory = (await lstat(at)).isDirectory();
        await (isDirectory ? rmdir(at) : unlink(at));
        await sync();
      }),
    ),

  give: (path, from, to) =>
    attempt("give", path, () =>
      inDirectoryOf(path, async ({ at }) => {
        const handle = await open(at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
        await closing(handle, () => changeOwner(handle, from, to));
      }),
    ),
};

/** An open directory. Work through it stays in it, even if the directory is renamed meanwhile. */
type HeldDirectory = {
  /** The path to use for the entry that was asked for. */
  readonly at: string;
  sync(): Promise<void>;
};

/**
 * Opens the directory of a path, uses it and closes it. Fails with `ELOOP` if any part of the path is a link.
 * Linux reaches the name through `/proc/self/fd`. Elsewhere Node has no equivalent, so the path is checked
 * once.
 */
const inDirectoryOf = async <T>(path: string, use: (held: HeldDirectory) => Promise<T>): Promise<T> => {
  const directory = dirname(path);
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const linux = process.platform === "linux";
    const held = `/proc/self/fd/${handle.fd}`;
    const real = linux ? await readlink(held) : await realpath(directory);
    if (real !== directory) throw Object.assign(new Error(`${directory} is ${real}`), { code: "ELOOP" });
    return await use({ at: linux ? `${held}/${basename(path)}` : path, sync: () => handle.sync() });
  } finally {
    await handle.close();
  }
};

/** Bytes: twice the longest users.yaml. Others may have written the file, and all of it is kept in memory. */
const mostBytes = 16 * 1024 * 1024;

/** Reads a text file of at most `most` bytes. Throws system errors, and those of `Files.read`. */
export const readWhole = async (path: string, most: number): Promise<ReadFile> => {
  // Opening a pipe without O_NONBLOCK waits for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return closing(handle, async () => {
    const entry = entryOf(await handle.stat());
    if (entry.kind !== "file") throw failure(entry.kind === "directory" ? "EISDIR" : "EINVAL");
    const bytes = await readBounded(handle, most);
    if (bytes === null) throw failure("EFBIG");
    return { text: strictText(bytes), entry };
  });
};

const failure = (code: string): Error => Object.assign(new Error(code), { code });

const changeOwner = async (handle: FileHandle, from: Owner, to: Owner): Promise<void> => {
  const { uid } = await handle.stat();
  if (uid !== from.uid && uid !== to.uid) throw failure("EPERM");
  await handle.chown(to.uid, to.gid);
  await handle.sync();
};
