import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { inFolder, kindOfEntry, moveAside, openEntry, type HeldFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** Maximum bytes of a log. A larger log is emptied before a container starts, and cut while one runs. */
const mostBytes = 4 * 1024 * 1024;
/** Bytes of the last part of a log that cutting keeps in another file. */
const keptBytes = 1024 * 1024;
/** Maximum log lines in the exit of a container. */
const mostLines = 20;
const tailBytes = 8 * 1024;

/** Follows no link, and does not wait for the other end of a named pipe. */
const ownFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const notAFile = "not-a-file";

type LogFile = {
  readonly handle: FileHandle;
  /** The offset at which the next container's output begins. */
  readonly from: number;
};

/**
 * Opens the log for appending, or returns the error's code. A new log has mode 0600. An agent that may write in the folder
 * can put a link, a folder or a named pipe there: that is renamed and kept, with a report, and a new log is begun.
 */
export const openLog = async (
  file: string,
  report: (moved: string) => void = () => {},
): Promise<LogFile | string> => {
  const name = basename(file);
  try {
    return await inLogFolder(file, async (folder) => {
      let handle = await openToWrite(folder, name, appendFlags);
      if (handle === null) {
        const aside = await moveAside(folder, name);
        report(`${file} was not a log of the host, and was renamed to ${aside}.`);
        handle = await openToWrite(folder, name, appendFlags);
      }
      if (handle === null) return notAFile;
      const { size } = await handle.stat();
      if (size <= mostBytes) return { handle, from: size };
      await handle.truncate();
      return { handle, from: 0 };
    });
  } catch (error) {
    return systemCode(error);
  }
};

const inLogFolder = <T>(file: string, use: (folder: HeldFolder) => Promise<T>): Promise<T> =>
  inFolder(dirname(file), "", use);

const appendFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** The errors of an entry that is no file: a link, a folder, a pipe or socket without a reader, or one without rights. */
const blocked: readonly string[] = ["ELOOP", "EISDIR", "ENXIO", "EACCES"];

/** Opens a file that has only this name. Null for another entry. */
const openToWrite = async (folder: HeldFolder, name: string, flags: number): Promise<FileHandle | null> => {
  let handle: FileHandle;
  try {
    handle = await open(folder.at(name), flags | ownFlags, 0o600);
  } catch (error) {
    if (blocked.includes(systemCode(error))) return null;
    throw error;
  }
  const stat = await handle.stat();
  if (stat.isFile() && stat.nlink === 1) return handle;
  await handle.close();
  return null;
};

/**
 * Cuts a log that has grown too large while its container writes to it: copies the last part to `<file>.1`,
 * and empties the log. Output written between these two steps is lost. Returns the error's code if it fails.
 */
const cutLog = async (file: string, most: number = mostBytes): Promise<string | null> => {
  try {
    return await inLogFolder(file, async (folder) => {
      const handle = await openToWrite(folder, basename(file), constants.O_RDWR);
      if (handle === null) return notAFile;
      try {
        const { size } = await handle.stat();
        if (size <= most) return null;
        const length = Math.min(size, keptBytes);
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
        try {
          await writeAside(folder, `${basename(file)}.1`, buffer.subarray(0, bytesRead));
        } finally {
          // Also if the part cannot be kept: the log must not grow without a limit.
          await handle.truncate();
        }
        return null;
      } finally {
        await handle.close();
      }
    });
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? null : code;
  }
};

const writeAside = async (folder: HeldFolder, name: string, content: Uint8Array): Promise<void> => {
  if ((await kindOfEntry(folder, name)) === "folder") await moveAside(folder, name);
  else await rm(folder.at(name), { force: true });
  const handle = await open(folder.at(name), "wx", 0o600);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
};

/** The last lines of a text that are not blank, as many as an exit has. */
export const lastLinesIn = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .slice(-mostLines);

/** The last lines of a log that were written after offset `from`; empty if it cannot be read. */
export const lastLines = async (file: string, from: number): Promise<readonly string[]> => {
  try {
    const handle = await inLogFolder(file, (folder) => openEntry(folder, basename(file)));
    try {
      const { size } = await handle.stat();
      // The log is shorter than `from` if it was cut.
      const start = Math.max(size < from ? 0 : from, size - tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
      return lastLinesIn(buffer.toString("utf8", 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    systemCode(error);
    return [];
  }
};

/** Appends a container's output to its log, when it has ended. Returns the code of a failure. */
export const writeLogEnd = async (
  logFile: string,
  output: Buffer,
  report: (moved: string) => void,
): Promise<string | null> => {
  if (output.length === 0) return null;
  const log = await openLog(logFile, report);
  if (typeof log === "string") return log;
  try {
    await log.handle.appendFile(output);
    return null;
  } finally {
    await log.handle.close();
  }
};

/** Limits the size of running containers' logs. */
type LogWatch = {
  readonly add: (id: string, file: string) => void;
  readonly remove: (id: string) => void;
  readonly close: () => void;
};

type LogWatchOptions = {
  readonly report: (problem: string) => void;
  readonly maxLogBytes?: number;
  readonly logEveryMs?: number;
};

/** Checks all logs every `logEveryMs`. A log that cannot be cut is reported once. */
export const watchLogs = ({ report, maxLogBytes, logEveryMs = 10_000 }: LogWatchOptions): LogWatch => {
  const files = new Map<string, string>();
  const reported = new Set<string>();
  let isChecking = false;
  const checkAll = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    for (const [id, file] of files) {
      const problem = await cutLog(file, maxLogBytes);
      if (problem === null || reported.has(id)) continue;
      reported.add(id);
      report(`The log ${file} cannot be cut: ${problem}.`);
    }
    isChecking = false;
  };
  const timer = setInterval(() => void checkAll(), logEveryMs);
  timer.unref();
  return {
    add: (id, file) => void files.set(id, file),
    remove: (id) => {
      files.delete(id);
      reported.delete(id);
    },
    close: () => clearInterval(timer),
  };
};
