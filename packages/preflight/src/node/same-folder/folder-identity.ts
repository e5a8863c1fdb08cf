import { execFile } from "node:child_process";
import { existsSync, readlinkSync, statSync } from "node:fs";
import type { Result } from "../../index.ts";
import { systemCode } from "@gatehouse/std";

/** Device and inode of a folder, links followed; null if it cannot be read. */
export const folderIdentity = (path: string): string | null => {
  const looked = identityOf(path);
  return looked.ok ? looked.value : null;
};

/** The folder that a process works in. */
export type WorkingFolder = { readonly path: string; readonly identity: string };

/** Sources for a process's working folder: Linux's /proc, on other systems macOS's own lsof. Tests pass other paths. */
export type CwdSources = { readonly proc: string; readonly lsof: string };

const cwdSources: CwdSources = { proc: "/proc", lsof: "/usr/sbin/lsof" };

/** Time limit, ms; lsof took 10 - 40 ms on a busy machine (4.95 on Linux). */
const lsofTimeout = 5_000;

/**
 * The folder that a process works in, according to the kernel: its path may meanwhile lead to another folder. Null on a
 * system that does not report it.
 */
export const workingFolder = async (
  pid: number,
  { proc, lsof }: CwdSources = cwdSources,
): Promise<Result<WorkingFolder | null, string>> => {
  if (!identityOf(`${proc}/self/cwd`).ok) return folderByLsof(pid, lsof);
  const link = `${proc}/${pid}/cwd`;
  const identity = identityOf(link);
  const path = pathOf(link);
  if (!path.ok) return path;
  return identity.ok ? { ok: true, value: { path: path.value, identity: identity.value } } : identity;
};

/** lsof prints one field per line: `D0x1000004`, `i5308666`, `n/w/a`. */
const folderByLsof = async (pid: number, lsof: string): Promise<Result<WorkingFolder | null, string>> => {
  if (!existsSync(lsof)) return { ok: true, value: null };
  const args = ["-a", "-p", String(pid), "-d", "cwd", "-F", "Din"];
  const lines = (await stdoutOf(lsof, args)).split("\n");
  const field = (name: string): string | undefined => lines.find((line) => line.startsWith(name))?.slice(1);
  const [device, inode, path] = [field("D"), field("i"), field("n")];
  if (device === undefined || inode === undefined || path === undefined)
    return { ok: false, error: "lsof does not tell" };
  return { ok: true, value: { path, identity: `${Number(device)}:${inode}` } };
};

const stdoutOf = (file: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const options = { env: {}, cwd: "/", timeout: lsofTimeout, killSignal: "SIGKILL" } as const;
    execFile(file, args, options, (_, stdout) => resolve(stdout));
  });

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
