import { open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The ending of the files that a killed `replaceFile` left. */
const unfinished = ".new";

/** Removes unfinished copies of this file that a kill -9 left behind. Only its single writer may call this. */
export const removeUnfinished = async (file: string): Promise<void> => {
  const beside = `${basename(file)}.`;
  for (const name of await readdir(dirname(file)))
    if (name.startsWith(beside) && name.endsWith(unfinished))
      await rm(join(dirname(file), name), { force: true });
};

/**
 * Appends a line, mode 0600, in one write. If a kill -9 or a full disk has cut the last line short, begins a new line
 * first. Throws system errors.
 */
export const appendLine = async (file: string, line: string): Promise<void> => {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? null : await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    const isTorn = last !== null && last.buffer.toString("latin1") !== "\n";
    await handle.writeFile(`${isTorn ? "\n" : ""}${line}\n`);
  } finally {
    await handle.close();
  }
};
