import { watch } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { openPlainFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** Bytes that are read at once; a line is far shorter. */
const pieceBytes = 64 * 1024;

/** A log that was read so far. */
export type ReadLog = {
  /** The last lines, oldest first; none where there is no log yet. */
  readonly lines: readonly string[];
  /** Calls back with each further line until the signal is aborted, also past the start of a new file. */
  readonly follow: (onLine: (line: string) => void, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * Reads a log, and keeps it open to be followed: what is written in between is not lost. Throws the system's error for
 * a log that cannot be read; the code is `not-a-file` for a named pipe in its place.
 */
export const readLog = async (path: string, most: number): Promise<ReadLog> => {
  let file = await openedIfThere(path);
  const newest = file === null ? [] : linesIn(await restOf(file));
  const older = file === null ? [] : await linesBefore(path, await inodeOf(file), most - newest.length);
  const lines = [...older, ...newest].slice(-most);

  /** What came since the last look: the rest of the file that was open, and all of those after it. */
  const look = async (onLine: (line: string) => void): Promise<void> => {
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
      let looking = Promise.resolve();
      const lookAgain = (): void => void (looking = looking.then(() => look(onLine)));
      const watcher = watch(dirname(path), (_event, name) => {
        if (name === null || name.startsWith(basename(path))) lookAgain();
      });
      lookAgain();
      await aborted(signal);
      watcher.close();
      await looking;
    },
    close: async () => void (await file?.handle.close()),
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

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

/** Null also where something else has the name of an older log: it holds none of the lines. */
const opened = async (path: string): Promise<OpenLog | null> => {
  try {
    return await openedIfThere(path);
  } catch (error) {
    if (!["not-a-file", "EISDIR"].includes(systemCode(error))) throw error;
    return null;
  }
};

/**
 * The files that were begun after the one with this inode, oldest first: `host.log.2`, `host.log.1`,
 * `host.log`. A number may be missing for a moment while a file is renamed: the next look finds it. Where that
 * one is gone, all that are left came after it.
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
    // Without a file so far the newest is enough: what was before it was never followed.
    if (inode === null) return later;
  }
};

/** At least so many lines of the older files, if there are, oldest first. `inode`: the file that is read already. */
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

/** What stands in a file after what was read. Its writer writes whole lines. */
const restOf = async (file: OpenLog): Promise<string> => {
  const pieces: Buffer[] = [];
  for (;;) {
    const { bytesRead, buffer } = await file.handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, file.end);
    if (bytesRead === 0) return Buffer.concat(pieces).toString("utf8");
    pieces.push(buffer.subarray(0, bytesRead));
    file.end += bytesRead;
  }
};
