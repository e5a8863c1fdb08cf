import { createHash } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import {
  acquireFileLock,
  explainUnsafe,
  makeFolder,
  openOwnFile,
  ownerAt,
  unsafeFolder,
  type FileLock,
} from "@gatehouse/fs-kit";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { JournalError, JournalFile, Journals } from "../../ports.ts";
import { closing } from "./read-bounded.ts";
import { attempt } from "./real-files.ts";

/** Only root may change these folders. On macOS `/var` is a link. */
const folders = { linux: "/var/lib/gatehouse-users", darwin: "/private/var/db/gatehouse-users" } as const;

/** The journals of this machine. */
export const machineJournals = (platform: keyof typeof folders): Journals => journalsIn(folders[platform]);

/** Journals in this folder. The first one that is opened makes the folder. */
export const journalsIn = (folder: string): Journals => {
  const pathOf = (usersFile: string): string =>
    join(folder, `${createHash("sha256").update(usersFile).digest("hex")}.journal`);
  return { pathOf, open: (usersFile) => openJournal(pathOf(usersFile)) };
};

const openJournal = async (path: string): Promise<Result<JournalFile, JournalError>> => {
  const folder = dirname(path);
  const unsafe = await attempt("make", folder, () => makeSafely(folder));
  if (!unsafe.ok) return unsafe;
  if (unsafe.value !== null) return unusable(path, unsafe.value);
  const lock = await acquireFileLock({ path: `${path}.lock`, timeoutMs: 0 });
  if (!lock.ok) {
    if (lock.error.code === "lock-timeout") return fail({ code: "busy", path });
    return unusable(path, "detail" in lock.error ? lock.error.detail : lock.error.code);
  }
  const journal = await openLocked(path, lock.value);
  if (!journal.ok) await lock.value.release();
  return journal;
};

const unusable = (path: string, detail: string): Result<never, JournalError> =>
  fail({ code: "journal-unusable", path, detail });

/** Makes a missing folder. Returns why other accounts could change it, and the fix; null if they cannot. */
const makeSafely = async (folder: string): Promise<string | null> => {
  await makeFolder(folder, 0o755);
  const [own, { uid }] = [process.geteuid?.() ?? 0, await ownerAt(folder)];
  if (uid !== own) return `${folder} belongs to uid ${uid}, not to uid ${own}: chown ${own} ${folder}`;
  const unsafe = await unsafeFolder(folder);
  return unsafe === null ? null : explainUnsafe(unsafe);
};

const openLocked = async (path: string, lock: FileLock): Promise<Result<JournalFile, JournalError>> => {
  const opened = await openOwnFile(path, "append");
  if (!opened.ok)
    return unusable(
      path,
      opened.error.code === "unsafe" ? explainUnsafe(opened.error.place) : opened.error.detail,
    );
  const handle = opened.value;
  const text = await attempt("read", path, async () => {
    await syncFolder(dirname(path));
    return handle.readFile("utf8");
  });
  if (text.ok) return ok(journalOn(handle, { path, text: text.value, lock }));
  await handle.close();
  return text;
};

/** Without it, a power failure could lose the name of a new journal. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  await closing(handle, () => handle.sync());
};

type Opened = { readonly path: string; readonly text: string; readonly lock: FileLock };

const journalOn = (handle: FileHandle, { path, text, lock }: Opened): JournalFile => ({
  // A line cut off by a kill is ignored.
  records: text.split("\n").flatMap((line) => parseJson(line) ?? []),
  append: (record) =>
    attempt("append", path, async () => {
      // A kill can leave a line without its newline, so this record begins on a new line.
      await handle.writeFile(`\n${JSON.stringify(record)}\n`);
      await handle.sync();
    }),
  close: (how) =>
    attempt("close", path, async () => {
      try {
        await handle.close();
        if (how === "remove") await unlink(path);
      } finally {
        await lock.release();
      }
    }),
});
