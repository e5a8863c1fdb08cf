import { constants } from "node:fs";
import { lstat, open, readdir, readFile, stat, type FileHandle } from "node:fs/promises";
import type { Machine } from "@nc/user-wizard";
import { systemCode } from "@gatehouse/std";

type Finder = Pick<Machine, "platform" | "run">;

/** The files of a running host: its process id, and the lock that it holds. */
export type HostFiles = { readonly pidFile: string; readonly lock: string };

/** Maximum tries if the host is replaced during the search. */
const maxTries = 5;

/**
 * Finds the process id of the host that works in a data folder; null if there is none. `host.pid` alone
 * proves nothing: after a kill -9 it stays, and another program may get its number. The host is the process
 * that holds `host.lock`.
 */
export const findHost = async (machine: Finder, files: HostFiles): Promise<number | null> => {
  for (let tries = 1; ; tries += 1) {
    const found = await findOnce(machine, files);
    if (found.isSettled || tries === maxTries) return found.pid;
  }
};

type Found = {
  readonly pid: number | null;
  /** True if the process id and the lock did not change during this try. */
  readonly isSettled: boolean;
};

/**
 * One try. It keeps the lock file open: then no other file can get its inode number, so the comparison is reliable.
 */
const findOnce = async (machine: Finder, { pidFile, lock: path }: HostFiles): Promise<Found> => {
  const lock = await openToRead(path);
  try {
    const pid = await pidIn(pidFile);
    const isHost = lock !== undefined && pid !== null && (await isHeldBy(machine, pid, { path, lock }));
    const isSettled = (await pidIn(pidFile)) === pid && (await isSame(path, lock));
    return { pid: isHost && isSettled ? pid : null, isSettled };
  } finally {
    await lock?.close();
  }
};

/**
 * Returns undefined if the system refuses: the file is missing, was removed, or belongs to another account.
 */
const attempt = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await act();
  } catch (error) {
    systemCode(error);
    return undefined;
  }
};

/** Opens a file for reading. Root may read it, so links are not followed, and a pipe does not block. */
const openToRead = (file: string): Promise<FileHandle | undefined> => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return attempt(() => open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
};

/** The process id in a file. 1 is the system itself and is ignored. */
const pidIn = async (file: string): Promise<number | null> => {
  const handle = await openToRead(file);
  const read = await attempt(async () => handle?.read(Buffer.alloc(16), 0, 16, 0));
  await handle?.close();
  const text = read?.buffer.toString("latin1", 0, read.bytesRead).trim() ?? "";
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return pid > 1 ? pid : null;
};

/** True if a path still leads to the opened file, or still to no file. */
const isSame = async (path: string, opened: FileHandle | undefined): Promise<boolean> => {
  const [there, held] = [await attempt(() => lstat(path)), await opened?.stat()];
  return there?.ino === held?.ino && there?.dev === held?.dev;
};

/** The opened lock file, and its path. */
type Lock = { readonly path: string; readonly lock: FileHandle };

/** True if the process holds the lock. A link or a hard link is never a lock that a host made. */
const isHeldBy = async (machine: Finder, pid: number, { path, lock }: Lock): Promise<boolean> => {
  const facts = await lock.stat();
  if (!facts.isFile() || facts.nlink !== 1) return false;
  return machine.platform === "darwin" ? hasOpen(machine, pid, path) : holdsLock(pid, facts);
};

type Identity = { readonly ino: number; readonly dev: number };

/** Linux lists the locks of each open file of a process in `/proc/PID/fdinfo` (proc(5)). */
const holdsLock = async (pid: number, lock: Identity): Promise<boolean> => {
  const files = (await attempt(() => readdir(`/proc/${pid}/fd`))) ?? [];
  for (const file of files) {
    const opened = await attempt(() => stat(`/proc/${pid}/fd/${file}`));
    if (opened?.ino !== lock.ino || opened.dev !== lock.dev) continue;
    const info = await attempt(() => readFile(`/proc/${pid}/fdinfo/${file}`, "utf8"));
    if (info !== undefined && /^lock:.*\bWRITE\b/m.test(info)) return true;
  }
  return false;
};

/** macOS shows no locks, but processes open this file only to hold it. */
const hasOpen = async ({ run }: Finder, pid: number, lock: string): Promise<boolean> => {
  const { exitCode, stdout } = await run(["lsof", "-a", "-p", String(pid), "-Fp", "--", lock]);
  return exitCode === 0 && stdout.split("\n").includes(`p${pid}`);
};
