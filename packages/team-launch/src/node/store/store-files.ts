import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const unfinished = ".new";

/** Replaces a file, mode 0600. Readers see the old text or the new one, even after a kill -9. Throws system errors. */
export const writeWhole = async (file: string, text: string): Promise<void> => {
  const beside = `${file}.${randomUUID()}${unfinished}`;
  try {
    const handle = await open(beside, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
};

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
