import { constants } from "node:fs";
import { lstat, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "@nc/user-wizard";
import { systemCode } from "@trust/preflight/node";
import { pidFileIn } from "../daemon/pid-file.ts";

type Finder = Pick<Machine, "platform" | "run">;

/**
 * The process id of the host that works in a data folder; null where none does. `host.pid` alone proves nothing: after a
 * kill -9 it stays, and its number goes to another program. The host is who holds `host.lock`.
 */
export const findHost = async (machine: Finder, dataDir: string): Promise<number | null> => {
  const pid = await pidIn(pidFileIn(dataDir));
  const lock = join(dataDir, "host.lock");
  if (pid === null || !(await isOwnFile(lock))) return null;
  const holds = machine.platform === "darwin" ? hasOpen(machine, pid, lock) : holdsLock(pid, lock);
  return (await holds) ? pid : null;
};

/** Undefined where the system refuses: nothing is there, or no longer, or it is somebody else's. */
const attempt = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await act();
  } catch (error) {
    systemCode(error);
    return undefined;
  }
};

/** No link is followed, and no pipe waited for: root reads it. 1 is the system itself. */
const pidIn = async (file: string): Promise<number | null> => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const text = await attempt(async () => {
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    await handle.close();
    return buffer.toString("latin1", 0, bytesRead).trim();
  });
  const pid = /^\d{1,10}$/.test(text ?? "") ? Number(text) : 0;
  return pid > 1 ? pid : null;
};

/** A link, or a second name of somebody else's file, is not the lock that a host made. */
const isOwnFile = async (path: string): Promise<boolean> => {
  const there = await attempt(() => lstat(path));
  return there !== undefined && there.isFile() && there.nlink === 1;
};

/** Linux lists the locks of each open file of a process in `/proc/PID/fdinfo` (proc(5)). */
const holdsLock = async (pid: number, lock: string): Promise<boolean> => {
  const there = await attempt(() => stat(lock));
  const files = (await attempt(() => readdir(`/proc/${pid}/fd`))) ?? [];
  for (const file of files) {
    const opened = await attempt(() => stat(`/proc/${pid}/fd/${file}`));
    if (opened?.ino !== there?.ino || opened?.dev !== there?.dev) continue;
    const info = await attempt(() => readFile(`/proc/${pid}/fdinfo/${file}`, "utf8"));
    if (info !== undefined && /^lock:.*\bWRITE\b/m.test(info)) return true;
  }
  return false;
};

/** macOS shows no locks; but nobody opens that file other than to hold it. */
const hasOpen = async ({ run }: Finder, pid: number, lock: string): Promise<boolean> => {
  const { exitCode, stdout } = await run(["lsof", "-a", "-p", String(pid), "-Fp", "--", lock]);
  return exitCode === 0 && stdout.split("\n").includes(`p${pid}`);
};
