import { join } from "node:path";
import { acquireFileLock, makeFolder, systemCode, type FileLockError } from "@trust/preflight/node";
import type { Result } from "../result.ts";

/** Why a program may not work in a data folder. */
export type DataFolderError =
  /** `holder` is what the other program wrote of itself: `pid 4711 since 2026-11-20T08:00:00.000Z`. */
  | { readonly code: "host-running"; readonly dataDir: string; readonly holder: string | null }
  | { readonly code: "data-folder-unusable"; readonly dataDir: string; readonly detail: string };

/** A data folder that is this process's alone. */
export type DataFolder = { release(): Promise<void> };

/** Milliseconds for a host that is about to go. */
const lockTimeoutMs = 500;

/**
 * Makes the data folder if need be (0711), and locks it against every other host. The lock is the kernel's: a host that was
 * killed holds nothing (docs/decisions/0008-kernel-locks.md).
 */
export const claimDataFolder = async (dataDir: string): Promise<Result<DataFolder, DataFolderError>> => {
  const made = await attempt(dataDir, () => makeFolder(dataDir, 0o711));
  if (!made.ok) return made;
  const lock = await acquireFileLock({ path: join(dataDir, "host.lock"), timeoutMs: lockTimeoutMs });
  return lock.ok ? lock : { ok: false, error: lockError(dataDir, lock.error) };
};

const lockError = (dataDir: string, error: FileLockError): DataFolderError => {
  switch (error.code) {
    case "lock-timeout":
      return { code: "host-running", dataDir, holder: error.holder };
    case "lock-unavailable":
      return { code: "data-folder-unusable", dataDir, detail: error.detail };
    case "cancelled":
      throw new Error("No signal was passed that could cancel the lock.");
  }
};

const attempt = async (dataDir: string, act: () => Promise<void>): Promise<Result<null, DataFolderError>> => {
  try {
    await act();
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, error: { code: "data-folder-unusable", dataDir, detail: systemCode(error) } };
  }
};
