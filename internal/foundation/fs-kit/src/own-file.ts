import { constants } from "node:fs";
import { lstat, open, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type Result, systemCode } from "@gatehouse/std";
import { fileProblem, type UnsafePlace } from "./unsafe-place.ts";
import { unsafeFolderAbove } from "./unsafe-folder.ts";

/** The reason why a file was not opened. `detail` is the system's error: `ENOENT: /path`. */
export type OwnFileError =
  | { readonly code: "unsafe"; readonly place: UnsafePlace }
  | { readonly code: "unavailable"; readonly errno: string; readonly detail: string };

/** The account that owns the file, or will own it. */
type Owner = { readonly uid: number; readonly gid: number };

const { O_RDONLY, O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
type Access = "read" | "append";
const accesses: { readonly [A in Access]: number } = { read: O_RDONLY, append: O_RDWR | O_APPEND };

/**
 * Maximum retries: another process may make and remove a lock's file between two of our calls, but hardly this often.
 */
const mostTries = 100;

/**
 * Opens a file of this account that has only one name. With `append`, makes a missing file (0600). Follows no link, does
 * not block on a pipe, and leaves any other entry unchanged. Root acts for the owner of the folder, who then owns new
 * files.
 */
export const openOwnFile = async (
  path: string,
  access: Access,
): Promise<Result<FileHandle, OwnFileError>> => {
  try {
    return await inFolderOf(path, (at, owner) => openFor(owner, { path, at }, access));
  } catch (error) {
    return unavailable(error, path);
  }
};

/** The path as the caller named it, and the path that is opened. */
type Paths = { readonly path: string; readonly at: string };

const openFor = async (
  owner: Owner | null,
  { path, at }: Paths,
  access: Access,
): Promise<Result<FileHandle, OwnFileError>> => {
  try {
    const handle = await openOrMake(at, access, owner);
    const facts = await handle.stat();
    const problem = owner === null ? null : fileProblem(path, facts, owner.uid);
    if (problem === null) return { ok: true, value: handle };
    await handle.close();
    return facts.isDirectory()
      ? refused("EISDIR", path)
      : { ok: false, error: { code: "unsafe", place: problem } };
  } catch (error) {
    // The system refuses some entries (ELOOP, ENXIO, EACCES); lstat finds the reason. For a folder, EISDIR is
    // enough.
    const there =
      owner === null || systemCode(error) === "EISDIR" ? null : await problemAt({ path, at }, owner);
    return there === null ? unavailable(error, path) : { ok: false, error: { code: "unsafe", place: there } };
  }
};

const openOrMake = async (at: string, access: Access, owner: Owner | null): Promise<FileHandle> => {
  const flags = accesses[access] | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
  for (let tries = 1; ; tries += 1) {
    try {
      return await open(at, flags);
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || access === "read") throw error;
    }
    try {
      const made = await open(at, flags | O_CREAT | O_EXCL, 0o600);
      if (owner !== null && owner.uid !== process.geteuid?.()) await made.chown(owner.uid, owner.gid);
      return made;
    } catch (error) {
      if (systemCode(error) !== "EEXIST" || tries === mostTries) throw error;
    }
  }
};

const problemAt = async ({ path, at }: Paths, owner: Owner): Promise<UnsafePlace | null> => {
  try {
    return fileProblem(path, await lstat(at), owner.uid);
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * For root: keeps the folder open during `use`, and checks that only its owner can change the path to it.
 * Otherwise that account could redirect root. For any other account the system's own permissions are enough.
 */
const inFolderOf = async <T>(
  path: string,
  use: (at: string, owner: Owner | null) => Promise<Result<T, OwnFileError>>,
): Promise<Result<T, OwnFileError>> => {
  const uid = process.geteuid?.();
  if (uid === undefined) return use(path, null);
  if (uid !== 0) return use(path, { uid, gid: process.getegid?.() ?? -1 });
  const folder = dirname(path);
  const held = await open(folder, O_RDONLY | O_DIRECTORY);
  try {
    const owner = await held.stat();
    const place = await unsafeFolderAbove(folder, owner.uid);
    if (place !== null) return { ok: false, error: { code: "unsafe", place } };
    const at = process.platform === "linux" ? `/proc/self/fd/${held.fd}/${basename(path)}` : path;
    return await use(at, owner);
  } finally {
    await held.close();
  }
};

const unavailable = (error: unknown, path: string): Result<never, OwnFileError> =>
  refused(systemCode(error), path);

const refused = (errno: string, path: string): Result<never, OwnFileError> => ({
  ok: false,
  error: { code: "unavailable", errno, detail: `${errno}: ${path}` },
});
