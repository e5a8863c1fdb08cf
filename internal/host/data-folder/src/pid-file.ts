import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { replaceFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** The path of the file with the process id of a data folder's host. */
export const pidFileIn = (dataDir: string): string => join(dataDir, "host.pid");

/**
 * Atomically writes this process's id to a file that only its owner can read.
 */
export const writePid = (file: string): Promise<void> => replaceFile(file, `${process.pid}\n`);

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
