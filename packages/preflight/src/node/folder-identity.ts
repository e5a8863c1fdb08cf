import { readlinkSync, statSync } from "node:fs";
import type { Result } from "../index.ts";
import { systemCode } from "./system-code.ts";

/** Device and inode of a folder, links followed; null where it cannot be looked at. */
export const folderIdentity = (path: string): string | null => {
  const looked = identityOf(path);
  return looked.ok ? looked.value : null;
};

/** Where a process works. */
export type WorkingFolder = { readonly path: string; readonly identity: string };

/**
 * The folder that a process works in, by the kernel: what its path leads to may be another one meanwhile. Null on a
 * system without Linux's /proc. `from` is that folder, replaced in tests.
 */
export const workingFolder = (pid: number, from = "/proc"): Result<WorkingFolder | null, string> => {
  if (!identityOf(`${from}/self/cwd`).ok) return { ok: true, value: null };
  const link = `${from}/${pid}/cwd`;
  const identity = identityOf(link);
  const path = pathOf(link);
  if (!path.ok) return path;
  return identity.ok ? { ok: true, value: { path: path.value, identity: identity.value } } : identity;
};

const identityOf = (path: string): Result<string, string> => {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return { ok: true, value: `${dev}:${ino}` };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

const pathOf = (link: string): Result<string, string> => {
  try {
    return { ok: true, value: readlinkSync(link) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};
