import { mkdtempSync, rmSync, writeFileSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { lstat, open, readdir, rm } from "node:fs/promises";
import type { Result } from "../index.ts";
import { parseJson, systemCode } from "@gatehouse/std";
import { thisProcess, hasEnded, processIdentityIn, type ProcessIdentity } from "@gatehouse/processes";

/** The prefix of our folders in TMPDIR. The name alone proves nothing. */
export const tempPrefix = "workspace-trust-";

/** The file in such a folder that names the process that made it. */
export const ownerFile = ".workspace-trust-owner.json";

/**
 * Lends a folder (0700) while `use` runs, and always removes it, even if a bug ends the process. Also removes
 * the folders of killed processes.
 */
export const withTempFolder = async <T>(
  use: (folder: string) => Promise<T>,
): Promise<Result<T, { readonly detail: string }>> => {
  const made = makeOwned();
  if (!made.ok) return made;
  const removeNow = (): void => rmSync(made.value, { recursive: true, force: true });
  process.once("exit", removeNow);
  try {
    const [value] = await Promise.all([use(made.value), sweepTempFolders(tmpdir())]);
    return { ok: true, value };
  } finally {
    process.off("exit", removeNow);
    removeNow();
  }
};

/** Synchronous: the process should not end before the folder has its owner file. */
const makeOwned = (): Result<string, { readonly detail: string }> => {
  const problem = (error: unknown, path: string): Result<never, { readonly detail: string }> => ({
    ok: false,
    error: { detail: `${systemCode(error)}: ${path}` },
  });
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), tempPrefix));
  } catch (error) {
    return problem(error, tmpdir());
  }
  try {
    writeFileSync(join(folder, ownerFile), JSON.stringify(thisProcess()), { mode: 0o600, flag: "wx" });
    return { ok: true, value: folder };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return problem(error, folder);
  }
};

/** Maximum size of an owner file, bytes. */
const maxBytes = 1_000;

/**
 * Removes the temporary folders of killed processes: folders of this account, closed to others, whose owner
 * file names a process that has ended. Leaves everything else, regardless of its name.
 */
export const sweepTempFolders = async (tmp: string): Promise<void> => {
  const names = await readdir(tmp).catch(systemCode);
  if (typeof names === "string") return;
  const ours = names.filter((name) => name.startsWith(tempPrefix)).map((name) => join(tmp, name));
  await Promise.all(ours.map(sweep));
};

const sweep = async (folder: string): Promise<void> => {
  try {
    if (!(await isPrivate(folder))) return;
    const owner = await readOwner(join(folder, ownerFile));
    if (owner !== null && hasEnded(owner)) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    // Another process is removing it too, or it cannot be removed.
    systemCode(error);
  }
};

const isPrivate = async (folder: string): Promise<boolean> => {
  const status = await lstat(folder);
  return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
};

/** Null if it is not an owner file: a link, a pipe, another account's file, a torn one. */
const readOwner = async (file: string): Promise<ProcessIdentity | null> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.uid !== process.getuid?.() || status.size > maxBytes) return null;
    return processIdentityIn(parseJson(await handle.readFile("utf8")));
  } finally {
    await handle.close();
  }
};
