import { watch } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { openPlainFile } from "@gatehouse/fs-kit";
import { abortOf, systemCode } from "@gatehouse/std";

/** Bytes of one read; a line is far shorter. */
const pieceBytes = 64 * 1024;

/** A log with its lines so far. */
export type ReadLog = {
  /** The last lines, oldest first; empty if there is no log yet. */
  readonly lines: readonly string[];
  /** Calls `onLine` for each further line until the signal is aborted, also when a new file is begun. */
  readonly follow: (onLine: (line: string) => void, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Reads a log, and keeps it open to be followed: no line written in between is lost. Throws the system's
 * error for a log that cannot be read; the code is `not-a-file` for a named pipe in its place.
 */
export const readLog = async (path: string, most: number): Promise<ReadLog> => {
  let file = await openedIfThere(path);
  const newest = file === null ? [] : linesIn(await restOf(file));
  const older = file === null ? [] : await linesBefore(path, await inodeOf(file), most - newest.length);
  const lines = [...older, ...newest].slice(-most);

  /** Reads the lines since the last call: the rest of the file that was open, and all later files. */
  const readNew = async (onLine: (line: string) => void): Promise<void> => {
    const later = await openedAfter(path, file === null ? null : await inodeOf(file));
    if (file !== null) linesIn(await restOf(file)).forEach(onLine);
    for (const next of later) {
      await file?.handle.close();
      file = next;
      linesIn(await restOf(next)).forEach(onLine);
    }
  };

  return {
    lines,
    follow: async (onLine, signal) => {
      let reading = Promise.resolve();
      const readAgain = (): void => void (reading = reading.then(() => readNew(onLine)));
      const watcher = watch(dirname(path), (_event, name) => {
        if (name === null || name.startsWith(basename(path))) readAgain();
      });
      readAgain();
      await abortOf(signal);
      watcher.close();
      await reading;
    },
    close: async () => void (await file?.handle.close()),
  };
};

/** A file, and how far it was read. */
type OpenLog = { readonly handle: FileHandle; end: number };

const openedIfThere = async (path: string): Promise<OpenLog | null> => {
  try {
    return { handle: await openPlainFile(path), end: 0 };
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return null;
  }
};

/** Opens a file if it is a log. Null also for another kind of entry with the name of an older log. */
const opened = async (path: string): Promise<OpenLog | null> => {
  try {
    return await openedIfThere(path);
  } catch (error) {
    if (!["not-a-file", "EISDIR"].includes(systemCode(error))) throw error;
    return null;
  }
};

/**
 * Opens the files that were begun after the one with this inode, oldest first: `host.log.2`, `host.log.1`,
 * `host.log`. A number may be missing for a moment while a file is renamed; the next read finds it. If the
 * file with this inode was removed, all files are newer.
 */
const openedAfter = async (path: string, inode: number | null): Promise<readonly OpenLog[]> => {
  const later: OpenLog[] = [];
  for (let number = 0; ; number += 1) {
    const next = await opened(number === 0 ? path : `${path}.${number}`);
    if (next === null && number === 0) return [];
    if (next === null) return later;
    const found = await inodeOf(next);
    if (found === inode || (await Promise.all(later.map(inodeOf))).includes(found)) {
      await next.handle.close();
      return later;
    }
    later.unshift(next);
    // If no file was open before, the newest is enough: earlier lines were never followed.
    if (inode === null) return later;
  }
};

/**
 * At least this many lines of the older files, if they exist, oldest first. `inode`: the file that was read
 * already.
 */
const linesBefore = async (path: string, inode: number, least: number): Promise<readonly string[]> => {
  let lines: readonly string[] = [];
  for (let number = 1; lines.length < least; number += 1) {
    const older = await opened(`${path}.${number}`);
    if (older === null) return lines;
    if ((await inodeOf(older)) !== inode) lines = [...linesIn(await restOf(older)), ...lines];
    await older.handle.close();
  }
  return lines;
};

const inodeOf = async ({ handle }: OpenLog): Promise<number> => (await handle.stat()).ino;

const linesIn = (text: string): readonly string[] => text.split("\n").filter(Boolean);

/** The rest of a file after the part that was read. Its writer writes whole lines. */
const restOf = async (file: OpenLog): Promise<string> => {
  const pieces: Buffer[] = [];
  for (;;) {
    const { bytesRead, buffer } = await file.handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, file.end);
    if (bytesRead === 0) return Buffer.concat(pieces).toString("utf8");
    pieces.push(buffer.subarray(0, bytesRead));
    file.end += bytesRead;
  }
};
