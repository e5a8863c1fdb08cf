import { realpath, stat } from "node:fs/promises";
import { checkField } from "../check-config.ts";
import type { InvalidConfig } from "../config-error.ts";
import type { Mount } from "../container-config.ts";
import { mountProblem, type HostFolders } from "../mount.ts";
import type { Result } from "../result.ts";
import { systemCode } from "./system-code.ts";

/**
 * A mount as it may be saved: its host path, and where links lead from it, is a folder or a file that is there and is
 * nobody's secret. The host path becomes the real one, so that what was looked at is what is mounted.
 */
export const findMount = async (mount: Mount, host: HostFolders): Promise<Result<Mount, InvalidConfig>> => {
  const typed = checkMount(mount);
  if (!typed.ok) return typed;
  const folders = { dataDir: await real(host.dataDir), home: await real(host.home) };
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

const checkMount = (mount: Mount): Result<Mount, InvalidConfig> => {
  const checked = checkField("additional_mounts", [mount]);
  if (!checked.ok) return checked;
  const [only = mount] = checked.value;
  return { ok: true, value: only };
};

/** A folder that is not there yet keeps its name. */
const real = async (folder: string): Promise<string> => {
  try {
    return await realpath(folder);
  } catch (error) {
    systemCode(error);
    return folder;
  }
};

const invalid = (problem: string): { readonly ok: false; readonly error: InvalidConfig } => ({
  ok: false,
  error: { code: "invalid-config", problems: [{ path: "additional_mounts.0.hostPath", problem }] },
});
