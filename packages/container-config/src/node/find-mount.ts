import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Result, systemCode } from "@gatehouse/std";
import { checkField } from "../fields/check-config.ts";
import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import type { Mount } from "../container-config.ts";
import { mountProblem, type HostFolders } from "../fields/mount.ts";
import { readSmallFile } from "./files/read-small-file.ts";

/**
 * Checks that a mount's host path, with links followed, is an existing folder or file that may be mounted.
 * The result has the real path, so that exactly the checked folder is mounted. `rule`: the host's own, such as a
 * list of the folders that it allows; it gets the mount with its real path.
 */
export const findMount = async (
  mount: Mount,
  host: HostFolders,
  rule: MountRule = noRule,
): Promise<Result<Mount, InvalidConfig>> => {
  const typed = checkMount(mount);
  if (!typed.ok) return typed;
  const folders = await realFolders(host);
  const { hostPath } = typed.value;
  try {
    const found = await realpath(hostPath);
    const stats = await stat(found);
    if (!stats.isDirectory() && !stats.isFile()) return invalid("is neither a folder nor a file");
    const target = checkMount({ ...typed.value, hostPath: found });
    if (!target.ok) return target;
    const problem = mountProblem(found, folders);
    if (problem !== null) return invalid(problem);
    const ruled = rule(target.value);
    return ruled.ok ? ruled : invalid(ruled.error);
  } catch (error) {
    return invalid(`is not there (${systemCode(error)})`);
  }
};

/**
 * Applies the rules of a host, or of another program, to a mount with its real path. May return a narrower
 * mount, or a problem: what follows the mount's name in a sentence.
 */
export type MountRule = (mount: Mount) => Result<Mount, string>;

const noRule: MountRule = (mount) => ({ ok: true, value: mount });

/**
 * Checks each mount of another program's file. Returns the mounts that may be saved, and a problem for each
 * other. A folder need not exist, because the file may come from another machine; then only its path is
 * checked.
 */
export const legacyMounts = async (
  mounts: readonly Mount[],
  host: HostFolders,
  rule: MountRule = noRule,
): Promise<{ readonly mounts: readonly Mount[]; readonly refused: readonly ConfigProblem[] }> => {
  const folders = await realFolders(host);
  const found = await Promise.all(mounts.map((mount) => legacyMount(mount, folders, rule)));
  return {
    mounts: found.flatMap((one) => (one.ok ? [one.value] : [])),
    refused: found.flatMap((one, index) =>
      one.ok ? [] : [{ path: `additional_mounts.${mounts[index]?.hostPath}`, problem: one.error }],
    ),
  };
};

/** The real paths of the host's folders, and the homes of its accounts. */
const realFolders = async ({ dataDir, home, homes = [] }: HostFolders): Promise<HostFolders> => ({
  dataDir: await real(dataDir),
  home: await real(home),
  homes: await Promise.all([...homes, ...(await homesOfAccounts())].map(real)),
});

/**
 * The homes in /etc/passwd of root and of people: uids from 1000 (login.defs(5)) except the account nobody.
 * Other accounts are services, whose home is often the data that they serve. Returns an empty list without
 * the file. The homes of macOS and of directory services are in /Users and /home, which the check of a mount
 * knows.
 */
export const homesOfAccounts = async (file = "/etc/passwd"): Promise<readonly string[]> => {
  const read = await readSmallFile(file);
  if (!read.ok || read.value === null) return [];
  return read.value.text.split("\n").flatMap((line) => {
    const [, , uid = "", , , home = ""] = line.split(":");
    return isPersons(Number.parseInt(uid, 10)) && home.startsWith("/") && home !== "/" ? [home] : [];
  });
};

/** 65534 is the account nobody. */
const isPersons = (uid: number): boolean => uid === 0 || (uid >= 1_000 && uid < 65_534);

const legacyMount = async (
  mount: Mount,
  folders: HostFolders,
  rule: MountRule,
): Promise<Result<Mount, string>> => {
  const hostPath = await real(mount.hostPath);
  const target = checkMount({ ...mount, hostPath });
  if (!target.ok) return { ok: false, error: target.error.problems.map(({ problem }) => problem).join("; ") };
  const problem = mountProblem(hostPath, folders);
  return problem === null ? rule(target.value) : { ok: false, error: problem };
};

const checkMount = (mount: Mount): Result<Mount, InvalidConfig> => {
  const checked = checkField("additional_mounts", [mount]);
  if (!checked.ok) return checked;
  const [only = mount] = checked.value;
  return { ok: true, value: only };
};

/** The real path. A missing path is appended to the real path of its nearest existing folder. */
const real = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return dirname(path) === path ? path : join(await real(dirname(path)), basename(path));
  }
};

const invalid = (problem: string): { readonly ok: false; readonly error: InvalidConfig } => ({
  ok: false,
  error: { code: "invalid-config", problems: [{ path: "additional_mounts.0.hostPath", problem }] },
});
