import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fail, ok, systemCode } from "@gatehouse/std";
import { type FileIn, type FilesIn, checkFiles } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import { contentOf } from "./archive.ts";
import { placeFilesAs } from "./place-files-as.ts";

/**
 * Puts files into the folder of a workload, whole or not at all: the host for an account of its own, else that account's
 * own shell.
 */
export const placeFiles = async (files: FilesIn, account: string | null): Promise<RuntimeResult<null>> => {
  const checked = checkFiles(files);
  if (!checked.ok || (files.entries.length === 0 && files.whole.length === 0)) return checked;
  // The record of a workload that an older build started names no folder.
  if (!files.folder.startsWith("/")) return fail(notPlaced(files.folder, "the folder is not known"));
  return account === null ? placeOwn(files) : placeFilesAs(account, files);
};

const notPlaced = (folder: string, why: string): RuntimeError => ({
  code: "files-refused",
  message: `The files for the agent cannot be written to ${folder}: ${why}.`,
});

/** What a host that was killed left behind begins so. */
const unfinished = ".new-";

const placeOwn = async (files: FilesIn): Promise<RuntimeResult<null>> => {
  const { folder } = files;
  const fresh = join(folder, `${unfinished}${randomUUID()}`);
  try {
    await makeOwn(folder);
    for (const name of await readdir(folder))
      if (name.startsWith(unfinished)) await rm(join(folder, name), { recursive: true });
    await write(files, fresh);
    await move(files, fresh);
    return ok(null);
  } catch (error) {
    return fail(notPlaced(folder, systemCode(error)));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
};

const makeOwn = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stat = await lstat(folder);
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.())
    throw Object.assign(new Error(`${folder} is not this account's`), { code: "EPERM" });
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

const move = async ({ folder, whole, entries }: FilesIn, fresh: string): Promise<void> => {
  const isInWhole = ({ path }: FileIn): boolean => whole.some((one) => path.startsWith(`${one}/`));
  for (const [index, path] of whole.entries()) {
    const to = join(folder, path);
    await makeReal(folder, dirname(path));
    if ((await kindOf(to)) !== null) await rename(to, join(fresh, `.old-${index}`));
    await rename(join(fresh, path), to);
  }
  for (const entry of entries.filter((one) => !isInWhole(one))) {
    const { kind, path } = entry;
    const to = join(folder, path);
    if (kind === "folder") await makeReal(folder, path);
    else if (kind === "file") {
      await makeReal(folder, dirname(path));
      await rename(join(fresh, path), to);
    } else await moveLink(folder, path, fresh);
  }
};

/** What an agent has put in its place, or in that of its folder, stays. */
const moveLink = async (folder: string, path: string, fresh: string): Promise<void> => {
  try {
    await makeReal(folder, dirname(path));
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return;
    throw error;
  }
  if ((await kindOf(join(folder, path))) === null) await rename(join(fresh, path), join(folder, path));
};

/** Makes the folders of a path that are missing. A link among them is an error, so that nothing is written elsewhere. */
const makeReal = async (folder: string, path: string): Promise<void> => {
  let at = folder;
  for (const name of path.split("/").filter((one) => one !== ".")) {
    at = join(at, name);
    const kind = await kindOf(at);
    if (kind === "other") throw Object.assign(new Error(`${at} is no folder`), { code: "ENOTDIR" });
    if (kind === null) await mkdir(at, { mode: 0o700 });
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
