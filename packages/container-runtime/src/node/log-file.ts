import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/** A log that is larger than this is emptied before the next container writes to it, bytes. */
const mostBytes = 4 * 1024 * 1024;
/** Of a container that has ended, these lines of its log are told. */
const mostLines = 20;
const tailBytes = 8 * 1024;

export type LogFile = {
  readonly handle: FileHandle;
  /** Where the next container's output begins. */
  readonly from: number;
};

/** Opens the log to append to it; the error's code if it cannot. It is made with mode 0600. A link is refused. */
export const openLog = async (file: string): Promise<LogFile | string> => {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  try {
    const handle = await open(file, flags, 0o600);
    const { size } = await handle.stat();
    if (size <= mostBytes) return { handle, from: size };
    await handle.truncate();
    return { handle, from: 0 };
  } catch (error) {
    return systemCode(error);
  }
};

/** The last lines of a log, as far as they were written after `from`; none if it cannot be read. */
export const lastLines = async (file: string, from: number): Promise<readonly string[]> => {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await handle.stat();
      const start = Math.max(from, size - tailBytes);
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
