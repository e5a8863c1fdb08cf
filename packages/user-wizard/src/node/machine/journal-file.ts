import { constants, statSync } from "node:fs";
import { lstat, open, unlink, type FileHandle } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";
import type { FileError, JournalError, JournalFile } from "../../ports.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { inDirectoryOf } from "./held-directory.ts";
import { closing } from "./read-bounded.ts";

/** The part of fs-native-extensions 1.5.1 (which ships no types) that is used here. */
type Native = {
  /**
   * Takes an exclusive lock on an open file; false if another open file has it. Closing the file releases it.
   */
  tryLock(fd: number): boolean;
};

const require = createRequire(import.meta.url);

/**
 * Right after a synchronous stat of a pipe or a socket, Node 20.20.2 stops following links when it
 * looks up a package, and a library in pnpm's folder does not find its own dependencies. The stat of "/"
 * prevents this.
 */
const loadNative = (): Native => {
  statSync("/");
  return require("fs-native-extensions") as Native;
};

/**
 * The journal is its own lock: a kernel lock on the open file. A killed process loses the lock at once and
 * leaves the records. If the holder removes the file meanwhile, the path leads to another file; this is
 * checked.
 */
export const openJournalFile = async (path: string): Promise<Result<JournalFile, JournalError>> => {
  const fail = (call: string, error: unknown) =>
    ({ ok: false, error: { code: "file-error", errno: systemCode(error), call, path } }) as const;
  try {
    const handle = await openForAppend(path);
    return await closeOnFailure(handle, () => lockJournal(path, handle));
  } catch (error) {
    return fail("open", error);
  }
};

const lockJournal = async (path: string, handle: FileHandle): Promise<Result<JournalFile, JournalError>> => {
  const { uid, isOurs } = await ownerOf(handle);
  if (!isOurs) return { ok: false, error: { code: "foreign-journal", path, uid } };
  const native = loadNative();
  return native.tryLock(handle.fd) && (await isSameFile(path, handle))
    ? { ok: true, value: await journalOn(path, handle) }
    : { ok: false, error: { code: "busy", path } };
};

/** Closes the file, unless the work succeeds: its result then owns the open file. */
const closeOnFailure = async <T, E>(
  handle: FileHandle,
  work: () => Promise<Result<T, E>>,
): Promise<Result<T, E>> => {
  let isHeld = false;
  try {
    const made = await work();
    isHeld = made.ok;
    return made;
  } finally {
    if (!isHeld) await handle.close();
  }
};

const openForAppend = (path: string): Promise<FileHandle> =>
  inDirectoryOf(path, async ({ at, sync }) => {
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const handle = await open(at, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    await closeOnFailure(handle, async () => ({ ok: true, value: await sync() }));
    return handle;
  });

/**
 * A journal tells its reader what to rename and remove, with the reader's rights, and it is in the service's
 * directory. So it is trusted only if this account made the file and it has only this one name.
 */
const ownerOf = async (handle: FileHandle): Promise<{ readonly uid: number; readonly isOurs: boolean }> => {
  const stat = await handle.stat();
  const { uid, nlink } = stat;
  return { uid, isOurs: stat.isFile() && nlink <= 1 && uid === process.geteuid?.() };
};

const isSameFile = async (path: string, handle: FileHandle): Promise<boolean> => {
  try {
    const [there, ours] = await Promise.all([lstat(path), handle.stat()]);
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};

const journalOn = async (path: string, handle: FileHandle): Promise<JournalFile> => {
  const call = async (name: string, work: () => Promise<void>): Promise<Result<void, FileError>> => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, error: { code: "file-error", errno: systemCode(error), call: name, path } };
    }
  };
  return {
    records: recordsIn(await handle.readFile("utf8")),
    append: (record) =>
      call("append", async () => {
        // A kill can leave a line without its newline, so this record begins on a new line.
        await handle.writeFile(`\n${JSON.stringify(record)}\n`);
        await handle.sync();
      }),
    close: (how) =>
      call("close", async () => {
        // The file is closed last, so it stays locked until it is removed.
        await closing(handle, async () => {
          if (how === "keep") return;
          await inDirectoryOf(path, async ({ at, sync }) => {
            await unlink(at);
            await sync();
          });
        });
      }),
  };
};

/** Reads one JSON document per line. A line cut off by a kill is ignored. */
const recordsIn = (text: string): readonly unknown[] =>
  text.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
