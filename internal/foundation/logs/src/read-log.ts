import { watch } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { inFolder, openEntry, openPlainFile } from "@gatehouse/fs-kit";
import { abortOf, systemCode } from "@gatehouse/std";

/** Bytes of one read; a line is far shorter. */
const pieceBytes = 64 * 1024;

/** Most bytes of one file that are read at once, from its end. Our logs are shorter; an agent's file has no limit. */
const mostBytes = 16 * 1024 * 1024;

/** Most older files that are looked at. We keep fewer; an agent may make any number. */
const mostFiles = 20;

/** How a log is opened. `agents`: an agent can write in its folder, so the file may be no link. */
export type LogOwner = "host" | "agents";

const openAs: Readonly<Record<LogOwner, (path: string) => Promise<FileHandle>>> = {
  host: openPlainFile,
  agents: (path) => inFolder(dirname(path), "", (folder) => openEntry(folder, basename(path))),
};

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
 * error for a log that cannot be read; the code is `not-a-file` for a named pipe in its place, or a link in an agent's.
 */
export const readLog = async (path: string, most: number, owner: LogOwner = "host"): Promise<ReadLog> => {
  const log: LogPlace = { path, open: openAs[owner] };
  let file = await openedIfThere(log, path);
  const newest = file === null ? [] : linesIn(await restOf(file));
  const older = file === null ? [] : await linesBefore(log, await inodeOf(file), most - newest.length);
  const lines = [...older, ...newest].slice(-most);

  /** Reads the lines since the last call: the rest of the file that was open, and all later files. */
  const readNew = async (onLine: (line: string) => void): Promise<void> => {
    const later = await openedAfter(log, file === null ? null : await inodeOf(file));
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

/** The path of a log, and how its files are opened. */
type LogPlace = { readonly path: string; readonly open: (path: string) => Promise<FileHandle> };

const openedIfThere = async ({ open }: LogPlace, path: string): Promise<OpenLog | null> => {
  try {
    return { handle: await open(path), end: 0 };
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return null;
  }
};

/** Opens a file if it is a log. Null also for another kind of entry with the name of an older log. */
const opened = async (log: LogPlace, path: string): Promise<OpenLog | null> => {
  try {
    return await openedIfThere(log, path);
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
const openedAfter = async (log: LogPlace, inode: number | null): Promise<readonly OpenLog[]> => {
  const later: OpenLog[] = [];
  for (let number = 0; ; number += 1) {
    const next =
      number > mostFiles ? null : await opened(log, number === 0 ? log.path : `${log.path}.${number}`);
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
const linesBefore = async (log: LogPlace, inode: number, least: number): Promise<readonly string[]> => {
  let lines: readonly string[] = [];
  for (let number = 1; lines.length < least && number <= mostFiles; number += 1) {
    const older = await opened(log, `${log.path}.${number}`);
    if (older === null) return lines;
    if ((await inodeOf(older)) !== inode) lines = [...linesIn(await restOf(older)), ...lines];
    await older.handle.close();
  }
  return lines;
};

const inodeOf = async ({ handle }: OpenLog): Promise<number> => (await handle.stat()).ino;

const linesIn = (text: string): readonly string[] => text.split("\n").filter(Boolean);

/** The rest of a file after the part that was read, at most its last `mostBytes`. Its writer writes whole lines. */
const restOf = async (file: OpenLog): Promise<string> => {
  const pieces: Buffer[] = [];
  const { size } = await file.handle.stat();
  file.end = Math.max(file.end, size - mostBytes);
  const until = file.end + mostBytes;
  for (;;) {
    const length = Math.min(pieceBytes, until - file.end);
    const { bytesRead, buffer } = await file.handle.read(Buffer.alloc(length), 0, length, file.end);
    if (bytesRead === 0) return Buffer.concat(pieces).toString("utf8");
    pieces.push(buffer.subarray(0, bytesRead));
    file.end += bytesRead;
  }
};
