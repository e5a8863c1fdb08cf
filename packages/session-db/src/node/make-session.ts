import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import type { SessionPaths } from "./paths.ts";

/**
 * Makes what is missing of a session's folders. They cannot be listed, and are the host's account's alone, unless
 * another account runs the agent: as it was asked for, or as the folder is already. Throws Node's errors.
 */
export const makeSessionFolders = (paths: SessionPaths, isAskedToShare: boolean): void => {
  const isShared = isAskedToShare || isOpen(paths.in);
  makeFolder(paths.folder, 0o711);
  makeFolder(paths.in, isShared ? 0o711 : 0o700);
  makeFolder(paths.out, isShared ? 0o1733 : 0o700);
};

const makeFolder = (path: string, mode: number): void => {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(path, { recursive: true, mode: 0o711 });
  chmodSync(path, mode);
};

const isOpen = (path: string): boolean =>
  ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o001) !== 0;
