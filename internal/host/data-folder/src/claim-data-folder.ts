import { lstat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  fileProblem,
  type UnsafePlace,
  acquireFileLock,
  ownerAt,
  prepareDataFolder,
  type DataFolderProblem,
  type FileLockError,
} from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { folderIdName } from "./host-name.ts";
import { successionName } from "./succession.ts";

/** The error of claiming a data folder. */
export type DataFolderError =
  /** `holder` is the text in the lock file: `pid 4711 since 2026-11-20T08:00:00.000Z`. */
  | { readonly code: "host-running"; readonly dataDir: string; readonly holder: string | null }
  /** Another account can replace files of the folder, or already has. Nothing was changed. */
  | { readonly code: "data-folder-unsafe"; readonly dataDir: string; readonly place: UnsafePlace }
  | { readonly code: "data-folder-unusable"; readonly dataDir: string; readonly detail: string };

/** A data folder that only this process uses. */
export type DataFolder = { release(): Promise<void> };

/** The time to wait for a host that is stopping, ms. */
const lockTimeoutMs = 500;

/** The files that a host opens or replaces by name. */
const files = [
  ...["host.pid", "host.log", folderIdName, successionName],
  ...["", "-wal", "-shm", "-journal"].map((suffix) => `gatehouse.db${suffix}`),
];

/**
 * Creates the data folder if it is missing (0711), and locks it against other hosts. The kernel holds the lock, so
 * a killed host leaves no lock (docs/decisions/0008-kernel-locks.md). Refuses a folder that others can write to,
 * and a folder in which a host's file was replaced, for example by a link.
 */
export const claimDataFolder = async (dataDir: string): Promise<Result<DataFolder, DataFolderError>> => {
  const made = await prepareDataFolder(dataDir);
  if (!made.ok) return { ok: false, error: folderError(dataDir, made.error) };
  const lock = await acquireFileLock({ path: join(dataDir, "host.lock"), timeoutMs: lockTimeoutMs });
  if (!lock.ok) return { ok: false, error: lockError(dataDir, lock.error) };
  const problem = await foreignFile(dataDir);
  if (problem === null) return lock;
  await lock.value.release();
  return { ok: false, error: problem };
};

const folderError = (dataDir: string, error: DataFolderProblem): DataFolderError =>
  error.code === "unsafe"
    ? { code: "data-folder-unsafe", dataDir, place: error.place }
    : { code: "data-folder-unusable", dataDir, detail: error.detail };

const lockError = (dataDir: string, error: FileLockError): DataFolderError => {
  switch (error.code) {
    case "lock-timeout":
      return { code: "host-running", dataDir, holder: error.holder };
    case "lock-unsafe":
      return { code: "data-folder-unsafe", dataDir, place: error.place };
    case "lock-unavailable":
      return { code: "data-folder-unusable", dataDir, detail: error.detail };
    case "cancelled":
      throw new Error("No signal was passed that could cancel the lock.");
  }
};

/**
 * Returns the error for the first of the host's files that the host must not open, or null. Only the owner can write in the
 * folder, so others cannot add such a file after this check. A directory is harmless, because opening it fails.
 */
const foreignFile = async (dataDir: string): Promise<DataFolderError | null> => {
  const asked = process.geteuid?.();
  if (asked === undefined) return null;
  try {
    const owner = asked === 0 ? (await ownerAt(dataDir)).uid : asked;
    for (const name of files) {
      const place = await problemAt(join(dataDir, name), owner);
      if (place !== null) return { code: "data-folder-unsafe", dataDir, place };
    }
    return null;
  } catch (error) {
    return { code: "data-folder-unusable", dataDir, detail: systemCode(error) };
  }
};

const problemAt = async (path: string, owner: number): Promise<UnsafePlace | null> => {
  try {
    const facts = await lstat(path);
    return facts.isDirectory() ? null : fileProblem(path, facts, owner);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};
