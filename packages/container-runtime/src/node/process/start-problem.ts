import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { shell } from "@gatehouse/processes/records";
import { systemCode } from "@gatehouse/std";
import { unsupportedByProcesses } from "../../check-spec.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import type { RuntimeError } from "../../runtime-result.ts";

/** The error if this spec cannot be started as a process; null if it can. Nothing was created so far. */
export const startProblem = async (spec: WorkloadSpec): Promise<RuntimeError | null> => {
  if (process.platform === "win32") return unavailable("Windows has no process groups.");
  if (!(await canRun(shell))) return unavailable(`There is no ${shell}.`);
  const unsupported = unsupportedByProcesses(spec);
  if (unsupported !== null) return unsupported;
  if (!isMadeFromFiles(spec) && !(await isFolder(spec.folder))) return missing(spec.folder);
  for (const { source } of spec.mounts) if (!(await exists(source))) return missing(source);
  if (spec.account !== null || (await isProgram(spec))) return null;
  return { code: "spawn-failed", message: `There is no program ${spec.command[0]}.` };
};

/** True if the working folder is one of the spec's files, so it is made with them. */
const isMadeFromFiles = ({ folder, files }: WorkloadSpec): boolean =>
  files.entries.some(({ kind, path }) => kind === "folder" && folder === join(files.folder, path));

const unavailable = (message: string): RuntimeError => ({ code: "runtime-unavailable", message });

export const missing = (folder: string): RuntimeError => ({
  code: "mount-missing",
  message: `The folder ${folder} does not exist.`,
  fix: "Make it, or remove it from the mounts.",
});

/** True if the program exists. A name without a slash is searched in the PATH of the spec's environment. */
const isProgram = async ({ command: [program], folder, env }: WorkloadSpec): Promise<boolean> => {
  if (program.includes("/")) return canRun(resolve(folder, program));
  const places = (env["PATH"] ?? "").split(":").filter((place) => place !== "");
  for (const place of places) if (await canRun(resolve(folder, join(place, program)))) return true;
  return false;
};

const canRun = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** True for an existing folder or plain file: both may be mounted. */
const exists = async (path: string): Promise<boolean> => (await isFolder(path)) || (await isFile(path));

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    systemCode(error);
    return false;
  }
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    systemCode(error);
    return false;
  }
};
