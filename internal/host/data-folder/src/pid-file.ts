import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { readPlainFile, replaceFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";

/** The path of the file with the process id of a data folder's host. */
export const pidFileIn = (dataDir: string): string => join(dataDir, "host.pid");

/** The files by which other programs find the host of a data folder. */
export const hostFilesIn = (dataDir: string): { readonly pidFile: string; readonly lock: string } => ({
  pidFile: pidFileIn(dataDir),
  lock: join(dataDir, "host.lock"),
});

/**
 * Atomically writes this process's id to a file that only its owner can read.
 */
export const writePid = (file: string): Promise<void> => replaceFile(file, `${process.pid}\n`);

/** `host.json`: the version of the program that runs a data folder's host. */
const versionFileIn = (dataDir: string): string => join(dataDir, "host.json");

/** Writes the version of this process, which runs the host. Returns a function that removes it. */
export const writeHostVersion = async (dataDir: string, version: string): Promise<() => Promise<void>> => {
  const file = versionFileIn(dataDir);
  await replaceFile(file, `${JSON.stringify({ pid: process.pid, version })}\n`);
  return async () => rmSync(file, { force: true });
};

/** The version of the host with this process id; null if it wrote none. */
export const readHostVersion = async (dataDir: string, pid: number): Promise<string | null> => {
  try {
    const found = parseJson(await readPlainFile(versionFileIn(dataDir))) as Record<string, unknown> | null;
    return found?.["pid"] === pid && typeof found["version"] === "string" ? found["version"] : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * Removes the file if it has this process's id. Another id belongs to another host, which started after the data
 * folder was replaced.
 */
export const removePid = (file: string): void => {
  if (textOf(file) === `${process.pid}\n`) rmSync(file, { force: true });
};

/** Reads the first bytes of a file, enough for any process id. Does not follow links or wait for a pipe. */
const textOf = (file: string): string | null => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const handle = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(16);
      return buffer.toString("latin1", 0, readSync(handle, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    systemCode(error);
    return null;
  }
};
