import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkField } from "../fields/check-config.ts";
import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import type { Mount } from "../container-config.ts";
import { mountProblem, type HostFolders } from "../fields/mount.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { homesOfAccounts } from "./homes-of-accounts.ts";

/**
 * Checks a mount: its host path, with links followed, is an existing folder or file that may be mounted. The
 * result has the real path, so that the checked folder is the one that gets mounted.
 */
export const findMount = async (mount: Mount, host: HostFolders): Promise<Result<Mount, InvalidConfig>> => {
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
    return problem === null ? target : invalid(problem);
  } catch (error) {
    return invalid(`is not there (${systemCode(error)})`);
  }
};

/** What the other program's own rules say of a mount, by its real path; the mount may come back narrower. */
export type MountRule = (mount: Mount) => Result<Mount, string>;

/**
 * Checks each mount of another program's file: those that may be saved, and a problem for each of the others.
 * The folder need not exist: the file may come from another machine. Then the path decides.
 */
export const legacyMounts = async (
  mounts: readonly Mount[],
  host: HostFolders,
  rule: MountRule = (mount) => ({ ok: true, value: mount }),
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

/** A missing file keeps its name, in the real path of the nearest folder that exists. */
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
