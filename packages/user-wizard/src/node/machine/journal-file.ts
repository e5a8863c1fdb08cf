import { constants } from "node:fs";
import { lstat, open, unlink, type FileHandle } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";
import type { FileError, JournalError, JournalFile } from "../../ports.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { inDirectoryOf } from "./held-directory.ts";

/** The part of fs-native-extensions 1.5.1 (which ships no types) that is used here. */
type Native = {
  /** An exclusive lock on an open file; false where another open file has it. Closing the file ends it. */
  tryLock(fd: number): boolean;
};

const require = createRequire(import.meta.url);

/**
 * The journal is its own lock: a lock of the kernel on the open file, so that whoever is killed loses the lock at once
 * and leaves the records. Whoever opened a file that its holder then removed sees another one in its place.
 */
export const openJournalFile = async (path: string): Promise<Result<JournalFile, JournalError>> => {
  const fail = (call: string, error: unknown) =>
    ({ ok: false, error: { code: "file-error", errno: systemCode(error), call, path } }) as const;
  try {
    const handle = await openForAppend(path);
    const { uid, isOurs } = await ownerOf(handle);
    if (!isOurs) {
      await handle.close();
      return { ok: false, error: { code: "foreign-journal", path, uid } };
    }
    const native = require("fs-native-extensions") as Native;
    if (native.tryLock(handle.fd) && (await isStill(path, handle)))
      return { ok: true, value: await journalOn(path, handle) };
    await handle.close();
    return { ok: false, error: { code: "busy", path } };
  } catch (error) {
    return fail("open", error);
  }
};

const openForAppend = (path: string): Promise<FileHandle> =>
  inDirectoryOf(path, async ({ at, sync }) => {
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const handle = await open(at, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    await sync();
    return handle;
  });

/**
 * A journal says what is renamed and removed, with the rights of whoever reads it, and it stands in a directory of the
 * service's. So only a file is believed that this account has made, under this one name.
 */
const ownerOf = async (handle: FileHandle): Promise<{ readonly uid: number; readonly isOurs: boolean }> => {
  const stat = await handle.stat();
  const { uid, nlink } = stat;
  return { uid, isOurs: stat.isFile() && nlink <= 1 && uid === process.geteuid?.() };
};

const isStill = async (path: string, handle: FileHandle): Promise<boolean> => {
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
        // A line torn off by a kill has no end: this record begins on a line of its own.
        await handle.writeFile(`\n${JSON.stringify(record)}\n`);
        await handle.sync();
      }),
    close: (how) =>
      call("close", async () => {
        if (how === "remove")
          await inDirectoryOf(path, async ({ at, sync }) => {
            await unlink(at);
            await sync();
          });
        await handle.close();
      }),
  };
};

/** One JSON document on each line. What a kill tore off is none, and says nothing. */
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
