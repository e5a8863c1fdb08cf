import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** The path of the file with the process id of a data folder's host. */
export const pidFileIn = (dataDir: string): string => join(dataDir, "host.pid");

/** The files by which others find a data folder's host. */
export const hostFilesIn = (dataDir: string): { readonly pidFile: string; readonly lock: string } => ({
  pidFile: pidFileIn(dataDir),
  lock: join(dataDir, "host.lock"),
});

/**
 * Writes this process's id to a file for its owner. A reader sees a whole number, either the new one or the
 * old one.
 */
export const writePid = async (file: string): Promise<void> => {
  const unfinished = `${file}.new`;
  await rm(unfinished, { force: true });
  try {
    await writeFile(unfinished, `${process.pid}\n`, { flag: "wx", mode: 0o600, flush: true });
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
};

/**
 * Removes the file if it has this process's id. If the data folder was replaced meanwhile, the file belongs
 * to another host.
 */
export const removePid = (file: string): void => {
  if (textOf(file) === `${process.pid}\n`) rmSync(file, { force: true });
};

/**
 * Reads the first bytes of a file, enough for any process id. It follows no link and does not wait for a
 * pipe.
 */
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
