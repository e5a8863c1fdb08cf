import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";

/** The runtime with which a host runs its agents, in the form that `runtime.json` has. */
export type RuntimeInUse = {
  /** `process`, or the name of an engine. */
  readonly name: string;
  /** The engine's version; null for processes. */
  readonly version: string | null;
  /** The Unix socket of the engine's API; null for processes. */
  readonly socketPath: string | null;
};

/** The runtime of a host without an engine. */
export const processesInUse: RuntimeInUse = { name: "process", version: null, socketPath: null };

/** The folder with the records of processes. */
export const processRecordsIn = (dataDir: string): string => join(dataDir, "processes");

/** The folder with the files that a host may replace in containers of an engine. */
export const placedFilesIn = (dataDir: string): string => join(dataDir, "containers");

const fileIn = (dataDir: string): string => join(dataDir, "runtime.json");

/**
 * Atomically writes the runtime for `gatehouse status`. The file stays when the host ends: the host's containers may run on.
 * Ignores a failure (a full disk), which affects only `gatehouse status`.
 */
export const writeRuntimeInUse = async (dataDir: string, runtime: RuntimeInUse): Promise<void> =>
  void (await replaceFile(fileIn(dataDir), JSON.stringify(runtime)).catch(systemCode));

/** Reads the runtime of the host that runs in a data folder, or ran there last; null if none was written. */
export const readRuntimeInUse = async (dataDir: string): Promise<RuntimeInUse | null> => {
  try {
    const read = parseJson(await readFile(fileIn(dataDir), "utf8")) as Partial<RuntimeInUse> | null;
    const { name, version = null, socketPath = null } = read ?? {};
    return typeof name === "string" ? { name, version, socketPath } : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};
