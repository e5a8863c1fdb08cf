import { Buffer } from "node:buffer";
import { closeSync, constants, openSync, readSync, rmSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

/** Where the process id of a data folder's host is, as text. */
export const pidFileIn = (dataDir: string): string => join(dataDir, "host.pid");

/** Leaves this process's id in a file for its owner. Whoever reads it finds a whole number, this one or the one before. */
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

/** Removes the file if it has this process's id: where the data folder was replaced meanwhile, it is another host's. */
export const removePid = (file: string): void => {
  if (textOf(file) === `${process.pid}\n`) rmSync(file, { force: true });
};

/** What a file begins with, as long as any process id; no link is followed, and no pipe waited for. */
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
