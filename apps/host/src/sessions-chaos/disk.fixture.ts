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

/** A file system of its own whose power can be cut: what no program had synced is gone then. */
export type Disk = {
  /** Where it is mounted. */
  readonly path: string;
  /**
   * Puts the disk into the state of this moment, as a machine finds it that lost its power. `frozen` are the processes
   * that write to it, which are stopped; `kill` ends them.
   */
  readonly cutPower: (frozen: readonly number[], kill: () => Promise<void>) => Promise<void>;
};

const run = (program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect({ program, status, stderr: status === 0 ? "" : stderr }).toEqual({ program, status: 0, stderr: "" });
  return stdout.trim();
};

/** Bytes: copied at each cut. */
const size = 128 * 2 ** 20;

/** Why there is none; null if there is one. */
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

/** Mounts an empty one, which goes with the test. */
export const makeDisk = (): Disk => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-disk-"));
  const path = join(folder, "disk");
  let image = join(folder, "0.img");
  mkdirSync(path);
  run("truncate", "--size", String(size), image);
  run("mkfs.ext4", "-q", image);
  // The kernel writes nothing by itself for ten minutes: only what a program syncs is in the image.
  const mount = (): string => run("mount", "-o", "loop,commit=600", image, path);
  const unmount = async (): Promise<void> => {
    // A process that was killed may be about to end, and one that it had just begun is in no list of ours.
    const tryIt = (): void => {
      const users = usersOf(path);
      for (const { pid } of users) if (pid !== process.pid) spawnSync("kill", ["-KILL", String(pid)]);
      const { status, stderr } = spawnSync("umount", [path], { encoding: "utf8" });
      expect({ status, stderr, users }).toMatchObject({ status: 0 });
    };
    await vi.waitFor(tryIt, { timeout: 60_000, interval: 50 });
  };
  mount();
  onTestFinished(() => {
    // This process may be about to close what it read there.
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

/** The processes that have something open on the disk, work in it, or run a program of it. */
const usersOf = (path: string): readonly { readonly pid: number; readonly uses: readonly string[] }[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), uses: usedBy(name).filter((file) => file.startsWith(path)) }))
    .filter(({ uses }) => uses.length > 0);

/** None of a process that has ended meanwhile. */
const usedBy = (pid: string): readonly string[] => {
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

/** Resolves once no thread of it is in a call of the system any more. One that has ended is no matter. */
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
