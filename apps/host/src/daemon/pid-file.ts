import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { attempt } from "../database/attempt.ts";

/** Where the process id of a data folder's host is, as text. */
export const pidFileIn = (dataDir: string): string => join(dataDir, "host.pid");

/** Leaves this process's id in a file for its owner. Whoever reads it finds a whole number, this one or the one before. */
export const writePid = async (file: string): Promise<void> => {
  const temporary = `${file}.${process.pid}`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  await handle.write(`${process.pid}\n`);
  await handle.sync();
  await handle.close();
  await rename(temporary, file);
};

/** Removes the file if it has this process's id: where the data folder was replaced meanwhile, it is another host's. */
export const removePid = async (file: string): Promise<void> => {
  const text = await attempt(() => readFile(file, "utf8"));
  if (text.ok && text.value === `${process.pid}\n`) await rm(file, { force: true });
};
