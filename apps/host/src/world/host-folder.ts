import { realpath, stat } from "node:fs/promises";
import { mountProblem, type HostFolders } from "@nc/container-config";
import type { Result } from "../result.ts";

/**
 * The real path of a folder that is to be mounted, or what is wrong with it: a link that leads to what may not be mounted
 * is looked through.
 */
export const hostFolder = async (path: string, host: HostFolders): Promise<Result<string, string>> => {
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return null;
    throw error;
  });
  if (real === null) return { ok: false, error: "is not there, or cannot be reached" };
  if (!(await stat(real)).isDirectory()) return { ok: false, error: "is no folder" };
  const problem = mountProblem(path, host) ?? mountProblem(real, host);
  return problem === null ? { ok: true, value: real } : { ok: false, error: problem };
};
