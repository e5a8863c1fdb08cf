import { constants } from "node:fs";
import { lstat, open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/** A larger log is emptied before the next container writes to it, and cut while one does. Bytes. */
const mostBytes = 4 * 1024 * 1024;
/** Of a log that is cut, its last part is kept in another file, bytes. */
const keptBytes = 1024 * 1024;
/** Of a container that has ended, these lines of its log are told. */
const mostLines = 20;
const tailBytes = 8 * 1024;

/** No link is followed, and opening a named pipe waits for nobody. */
const ownFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const notAFile = "not-a-file";

export type LogFile = {
  readonly handle: FileHandle;
  /** Where the next container's output begins. */
  readonly from: number;
};

/**
 * Opens the log to append to it; the error's code if it cannot. It is made with mode 0600. A link is refused, and so is
 * a named pipe, at once: an agent of the host's account may have put it there.
 */
export const openLog = async (file: string): Promise<LogFile | string> => {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | ownFlags;
  try {
    const handle = await open(file, flags, 0o600);
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      return notAFile;
    }
    const { size } = stat;
    if (size <= mostBytes) return { handle, from: size };
    await handle.truncate();
    return { handle, from: 0 };
  } catch (error) {
    return systemCode(error);
  }
};

/**
 * Cuts a log that has grown too large while its container writes to it: the last part goes to `<file>.1`, and
 * the log begins anew. What is written between the two is lost. Gives the error's code if it cannot.
 */
export const cutLog = async (file: string, most: number = mostBytes): Promise<string | null> => {
  try {
    // Most are short, and a host looks at all of them again and again: one call for each.
    const there = await lstat(file);
    if (there.isFile() && there.size <= most) return null;
    const handle = await open(file, constants.O_RDWR | ownFlags);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return notAFile;
      const { size } = stat;
      if (size <= most) return null;
      const length = Math.min(size, keptBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      await writeAside(`${file}.1`, buffer.subarray(0, bytesRead));
      await handle.truncate();
      return null;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? null : code;
  }
};

const writeAside = async (file: string, content: Uint8Array): Promise<void> => {
  await rm(file, { force: true });
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
};

/** The last lines of a log, as far as they were written after `from`; none if it cannot be read. */
export const lastLines = async (file: string, from: number): Promise<readonly string[]> => {
  try {
    const handle = await open(file, constants.O_RDONLY | ownFlags);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return [];
      const { size } = stat;
      // A log that was cut is shorter.
      const start = Math.max(size < from ? 0 : from, size - tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
      const lines = buffer.toString("utf8", 0, bytesRead).split(/\r?\n/);
      return lines.filter((line) => line.trim() !== "").slice(-mostLines);
    } finally {
      await handle.close();
    }
  } catch (error) {
    systemCode(error);
    return [];
  }
};
