import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import { textOf } from "../table/linux-table.ts";

/** Timeout after a kill, ms. Only a process that is stuck in the kernel takes longer. */
const forceMs = 10_000;

/**
 * Makes a cgroup in the cgroup of this process. Returns its folder; null without cgroup v2, without `cgroup.kill`
 * (Linux 5.14), or if this account may make none. It has no limits: `endCgroup` ends all its processes at once, also
 * those that fork all the time, or that replaced their environment.
 */
export const makeCgroup = (prefix: string, parent: string | null = ownCgroup()): string | null => {
  if (parent === null) return null;
  const folder = join(parent, `${prefix}${randomUUID()}`);
  if (!isDone(() => mkdirSync(folder))) return null;
  if (existsSync(join(folder, "cgroup.kill"))) return folder;
  remove(folder);
  return null;
};

/** Kills all processes of a cgroup, and removes it. Resolves to true if none is left; a missing cgroup has none. */
export const endCgroup = async (folder: string): Promise<boolean> => {
  isDone(() => writeFileSync(join(folder, "cgroup.kill"), "1"));
  const deadline = performance.now() + forceMs;
  while (isPopulated(folder)) {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  remove(folder);
  return true;
};

/** Removes the cgroups with this prefix that have no process: a host was killed before it had recorded them. */
export const removeEmptyCgroups = (prefix: string, parent: string | null = ownCgroup()): void => {
  if (parent === null) return;
  for (const folder of cgroupsIn(parent, prefix)) if (!isPopulated(folder)) remove(folder);
};

const isPopulated = (folder: string): boolean =>
  textOf(() => readFileSync(join(folder, "cgroup.events"), "utf8"))?.includes("populated 1") ?? false;

/** Removes a cgroup, and those that its processes made in it. The kernel refuses one that has a process. */
const remove = (folder: string): void => {
  for (const child of cgroupsIn(folder)) remove(child);
  isDone(() => rmdirSync(folder));
};

const cgroupsIn = (folder: string, prefix = ""): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
      .map(({ name }) => join(folder, name));
  } catch (error) {
    systemCode(error);
    return [];
  }
};

const isDone = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** The folder of this process's cgroup; null if no mounted hierarchy of cgroup v2 shows it. */
const ownCgroup = (): string | null => {
  const read = (name: string): string => textOf(() => readFileSync(`/proc/self/${name}`, "utf8")) ?? "";
  return cgroupFolders(read("mountinfo"), read("cgroup")).find((folder) => existsSync(folder)) ?? null;
};

/** The folders of a process's cgroup in each mounted hierarchy of cgroup v2, by its files in /proc (cgroups(7)). */
export const cgroupFolders = (mountinfo: string, cgroup: string): readonly string[] => {
  const own = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  if (own === undefined) return [];
  return mountinfo.split("\n").flatMap((line) => {
    const [mount = "", source = ""] = line.split(" - ");
    const [, , , root = "", point = ""] = mount.split(" ").map(unescaped);
    if (!source.startsWith("cgroup2 ")) return [];
    if (root === "/") return [join(point, own)];
    return own === root || own.startsWith(`${root}/`) ? [join(point, own.slice(root.length))] : [];
  });
};

/** Spaces, tabs and backslashes are octal numbers in mountinfo. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
