import { chmodSync, closeSync, fchmodSync, lstatSync, mkdirSync, openSync } from "node:fs";
import { systemCode } from "@gatehouse/std";
import type { SessionPaths } from "./paths.ts";

/**
 * Makes what is missing of a session's folder. It cannot be listed, and its parts are the host's account's
 * alone, unless another account runs the container: as it was asked for, or as the folder is already. Throws
 * Node's errors.
 */
export const makeSession = (paths: SessionPaths, isAskedToShare: boolean): void => {
  const isShared = isAskedToShare || isOpen(paths.in);
  makeFolder(paths.folder, 0o711);
  makeFolder(paths.in, isShared ? 0o755 : 0o700);
  makeFolder(paths.out, isShared ? 0o1777 : 0o700);
  // SQLite would make it readable by all; a journal has the mode of its file.
  makeFile(paths.inbound, isShared ? 0o644 : 0o600);
  makeFile(paths.inDoorbell, isShared ? 0o644 : 0o600);
  makeFile(paths.outDoorbell, isShared ? 0o666 : 0o600);
};

const makeFolder = (path: string, mode: number): void => {
  if (isThere(path)) return;
  mkdirSync(path, { recursive: true, mode: 0o711 });
  chmodSync(path, mode);
};

/** The mode is set by the handle: the container may put a link in the place of a file of its folder. */
const makeFile = (path: string, mode: number): void => {
  if (isThere(path)) return;
  try {
    const handle = openSync(path, "wx", 0o600);
    try {
      fchmodSync(handle, mode);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    // Another host made it just now.
    if (systemCode(error) !== "EEXIST") throw error;
  }
};

const isOpen = (path: string): boolean =>
  ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o004) !== 0;

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
