import { createHash, randomUUID } from "node:crypto";
import { chmod, lchown, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fail, ok, systemCode } from "@gatehouse/std";
import { checkFiles, type FileIn, type FilesIn, signatureOf } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { AccountIds } from "./account.ts";
import { contentOf } from "./archive.ts";
import { placeFilesAs } from "./place-files-as.ts";
import type { Container } from "../../runtime.ts";

/**
 * Puts files into the folder of a workload. All are written to a temporary folder first, so that a full disk leaves
 * no file half written. For the host's own account the host writes them; for another account, a shell of that
 * account does.
 */
export const placeFiles = async (files: FilesIn, account: string | null): Promise<RuntimeResult<null>> => {
  const checked = checkFiles(files);
  if (!checked.ok || (files.entries.length === 0 && files.whole.length === 0)) return checked;
  // A relative folder would be below the host's working directory.
  if (!files.folder.startsWith("/"))
    return fail(notPlaced(files.folder, "the folder is not an absolute path"));
  return account === null ? placeOwn(files) : placeFilesAs(account, files);
};

const notPlaced = (folder: string, why: string): RuntimeError => ({
  code: "files-refused",
  message: `The files for the agent cannot be written to ${folder}: ${why}.`,
});

/** The prefix of folders with unfinished files. A killed host leaves them behind. */
const unfinished = ".new-";

/** Places files as this process. They then belong to `owner`; if it is null, to this process's account. */
export const placeOwn = async (
  files: FilesIn,
  owner: AccountIds | null = null,
): Promise<RuntimeResult<null>> => {
  const { folder } = files;
  const fresh = join(folder, `${unfinished}${randomUUID()}`);
  try {
    await makeOwnFolder(folder, owner);
    for (const name of await readdir(folder))
      if (name.startsWith(unfinished)) await rm(join(folder, name), { recursive: true });
    await write(files, fresh);
    if (owner !== null) await giveAll(fresh, owner);
    await move(files, fresh, owner);
    return ok(null);
  } catch (error) {
    return fail(notPlaced(folder, systemCode(error)));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
};

const makeOwnFolder = async (folder: string, owner: AccountIds | null): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stat = await lstat(folder);
  const accounts = [process.geteuid?.(), ...(owner === null ? [] : [owner.uid])];
  if (!stat.isDirectory() || !accounts.includes(stat.uid))
    throw Object.assign(new Error(`${folder} is not this account's`), { code: "EPERM" });
};

/** Gives everything in a new folder to an account; the folder stays this account's. */
const giveAll = async (folder: string, { uid, gid }: AccountIds): Promise<void> => {
  for (const name of await readdir(folder, { recursive: true })) await lchown(join(folder, name), uid, gid);
};

const write = async ({ whole, entries }: FilesIn, fresh: string): Promise<void> => {
  const make = (path: string) => mkdir(path, { recursive: true, mode: 0o700 });
  await make(fresh);
  for (const path of whole) await make(join(fresh, path));
  for (const entry of entries) {
    const to = join(fresh, entry.path);
    await make(entry.kind === "folder" ? to : dirname(to));
    if (entry.kind === "link") await symlink(entry.target, to);
    if (entry.kind !== "file") continue;
    await writeFile(to, await contentOf(entry), { mode: 0o600, flag: "wx" });
    await chmod(to, entry.mode);
  }
};

const move = async (
  { folder, whole, entries }: FilesIn,
  fresh: string,
  owner: AccountIds | null,
): Promise<void> => {
  const make = (path: string): Promise<void> => makeFolders(folder, path, owner);
  const isInWhole = ({ path }: FileIn): boolean => whole.some((one) => path.startsWith(`${one}/`));
  for (const [index, path] of whole.entries()) {
    const to = join(folder, path);
    await make(dirname(path));
    if ((await kindOf(to)) !== null) await rename(to, join(fresh, `.old-${index}`));
    await rename(join(fresh, path), to);
  }
  for (const entry of entries.filter((one) => !isInWhole(one))) {
    const { kind, path } = entry;
    const to = join(folder, path);
    if (kind === "folder") await make(path);
    else if (kind === "file") {
      await make(dirname(path));
      await rename(join(fresh, path), to);
    } else await moveLink({ folder, path, fresh, make });
  }
};

type LinkMove = {
  readonly folder: string;
  readonly path: string;
  readonly fresh: string;
  /** Makes the missing folders of a path. */
  readonly make: (path: string) => Promise<void>;
};

/** Moves a link into place, unless the agent has put something at its path or its folder's. */
const moveLink = async ({ folder, path, fresh, make }: LinkMove): Promise<void> => {
  try {
    await make(dirname(path));
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return;
    throw error;
  }
  if ((await kindOf(join(folder, path))) === null) await rename(join(fresh, path), join(folder, path));
};

/** Makes the missing folders of a path. Fails on a link, so that nothing is written outside the folder. */
const makeFolders = async (folder: string, path: string, owner: AccountIds | null): Promise<void> => {
  let at = folder;
  for (const name of path.split("/").filter((one) => one !== ".")) {
    at = join(at, name);
    const kind = await kindOf(at);
    if (kind === "other") throw Object.assign(new Error(`${at} is no folder`), { code: "ENOTDIR" });
    if (kind !== null) continue;
    await mkdir(at, { mode: 0o700 });
    if (owner !== null) await lchown(at, owner.uid, owner.gid);
  }
};

const kindOf = async (path: string): Promise<"folder" | "other" | null> => {
  try {
    return (await lstat(path)).isDirectory() ? "folder" : "other";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};

/**
 * Makes the function that replaces files of one workload. Calls run one after the other. The same files as in
 * the last call are not written again, because a host calls it for each session after each change of a
 * configuration.
 */
export const fileReplacer = (folder: string, account: string | null): Container["replaceFiles"] => {
  let last = "";
  let placing: ReturnType<Container["replaceFiles"]> = Promise.resolve(ok(null));
  return (files) => {
    const signature = createHash("sha256").update(signatureOf(files)).digest("hex");
    placing = placing.then(async () => {
      if (signature === last) return ok(null);
      const placed = await placeFiles({ ...files, folder }, account);
      last = placed.ok ? signature : "";
      return placed;
    });
    return placing;
  };
};
