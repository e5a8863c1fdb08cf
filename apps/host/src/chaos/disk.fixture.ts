import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, vi } from "vitest";
import { kill as killNow, pidsHere } from "./processes.fixture.ts";

/** A mounted file system whose power can be cut: data that was not synced is then lost. */
export type Disk = {
  /** The path at which it is mounted. */
  readonly path: string;
  /**
   * Resets the disk to its synced data, as after a loss of power. `frozen` are the pids that write to it: they are
   * stopped first, and `kill` then has to end them.
   */
  readonly cutPower: (frozen: readonly number[], kill: () => Promise<void>) => Promise<void>;
};

const run = (program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect({ program, status, stderr: status === 0 ? "" : stderr }).toEqual({ program, status: 0, stderr: "" });
  return stdout.trim();
};

/** The size of the disk, bytes. Each cut copies the whole image. */
const size = 128 * 2 ** 20;

/** The reason why this machine can mount no disk; null if it can. */
export const noDisk: string | null =
  process.geteuid?.() !== 0
    ? "only root may mount a disk"
    : !existsSync("/dev/loop-control")
      ? "there is no loop device"
      : spawnSync("mkfs.ext4", ["-V"]).status !== 0
        ? "there is no mkfs.ext4"
        : spawnSync("losetup", ["--find"]).status !== 0
          ? "no loop device is free"
          : null;

/** Mounts an empty disk, which is removed at the end of the test. */
export const makeDisk = (): Disk => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-disk-"));
  const path = join(folder, "disk");
  let image = join(folder, "0.img");
  mkdirSync(path);
  run("truncate", "--size", String(size), image);
  run("mkfs.ext4", "-q", image);
  // `commit=600`: the kernel writes nothing by itself for ten minutes, so the image has only synced data.
  const mount = (): string => run("mount", "-o", "loop,commit=600", image, path);
  const unmount = async (): Promise<void> => {
    // A killed process may not have ended yet, and its newest child may be in none of our lists.
    const tryIt = (): void => {
      const users = usersOf(path);
      for (const { pid } of users) if (pid !== process.pid) killNow(pid);
      const { status, stderr } = spawnSync("umount", [path], { encoding: "utf8" });
      expect({ status, stderr, users }).toMatchObject({ status: 0 });
    };
    await vi.waitFor(tryIt, { interval: 50 });
  };
  mount();
  onTestFinished(() => {
    // This process may still have files open there.
    run("umount", "--lazy", path);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    path,
    cutPower: async (frozen, kill) => {
      for (const pid of frozen) await freeze(pid);
      const cut = join(folder, `${Date.now()}.img`);
      copyFileSync(image, cut);
      await kill();
      await unmount();
      rmSync(image);
      image = cut;
      mount();
    },
  };
};

/** The processes with an open file, their working folder or their program on the disk. */
const usersOf = (path: string): readonly { readonly pid: number; readonly uses: readonly string[] }[] =>
  pidsHere()
    .map((pid) => ({ pid, uses: usedBy(pid).filter((file) => file.startsWith(path)) }))
    .filter(({ uses }) => uses.length > 0);

/** The paths that a process uses; empty if it has ended. */
const usedBy = (pid: number): readonly string[] => {
  const linkAt = (name: string): readonly string[] => {
    try {
      return [readlinkSync(`/proc/${pid}/${name}`)];
    } catch {
      return [];
    }
  };
  try {
    const files = readdirSync(`/proc/${pid}/fd`).map((name) => `fd/${name}`);
    return ["cwd", "root", "exe", ...files].flatMap(linkAt);
  } catch {
    return [];
  }
};

/** Stops a process. Resolves once none of its threads is in a system call, or at once if it has ended. */
const freeze = async (pid: number): Promise<void> => {
  if (spawnSync("kill", ["-STOP", String(pid)]).status !== 0) return;
  while (!areStopped(pid)) await pause(1);
};

const areStopped = (pid: number): boolean => {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((id) => /\) [TtZX] /.test(readFileSync(`/proc/${pid}/task/${id}/stat`, "utf8")));
  } catch {
    return true;
  }
};
