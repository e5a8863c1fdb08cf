import { constants, lstatSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { isFolderName, safeFileName } from "../../decisions/safe-names.ts";
import { oldPaths } from "./old-paths.ts";
import { entriesIn, inFolder, isOpenedAt, removeEntry, type RemovalLimit } from "./opened-folder.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const reading = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Bytes read at once. */
const chunkBytes = 256 * 2 ** 10;

/**
 * The folders of an old session with files of messages: from the host, from the agent, and of messages that
 * awaited approval.
 */
export type OldBox = "inbox" | "outbox" | "held";

/** Where the files of one message were. */
export type OldPlace = {
  /** The session's folder. */
  readonly folder: string;
  readonly box: OldBox;
  readonly messageId: string;
};

export type OldFileError = {
  readonly code:
    /** The message's id is a path. Nothing was changed. */
    | "unsafe-id"
    /** The name leads out of the message's folder, or begins with a dot. */
    | "unsafe-name"
    /** The entry is a link, a pipe, or a file with a second name. It was not followed. */
    | "unsafe-place"
    | "missing"
    | "too-large"
    /** A system call failed; `detail` has its code. */
    | "unusable";
  readonly detail: string;
};

type Outcome<T> = Result<T, OldFileError>;

/** A file whose size and owner were checked. */
export type OldFile = {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes; each call starts at the beginning. Throws `OldFileChanged` if the file was replaced since the
   * check: an agent may have done it.
   */
  readonly content: () => AsyncIterable<Uint8Array>;
};

/** The file was replaced, or its size changed, since it was checked. */
export class OldFileChanged extends Error {}

/** Checks one file. Each read opens the file again and verifies it, so a replaced file is never followed. */
export const findOldFile = async (
  place: OldPlace,
  name: string,
  maxBytes: number,
): Promise<Outcome<OldFile>> => {
  if (safeFileName(name) !== name) return fail({ code: "unsafe-name", detail: JSON.stringify(name) });
  const folder = messageFolder(place);
  if (!folder.ok) return folder;
  const path = join(folder.value, name);
  const stat = await withFile(path, async (file) => ok(await file.stat()));
  if (!stat.ok) return stat;
  const { size, uid } = stat.value;
  if (place.box === "outbox" && !isOfSession(place.folder, uid))
    return fail({ code: "unsafe-place", detail: "it is of another account" });
  if (size > maxBytes)
    return fail({ code: "too-large", detail: `it has ${size} bytes, and ${maxBytes} are the most` });
  return ok({ size, content: () => bytesOf(path, size) });
};

/** The message's folder. Every part of its path below the session's folder must be a real folder. */
const messageFolder = ({ folder, box, messageId }: OldPlace): Outcome<string> => {
  if (!isFolderName(messageId)) return fail({ code: "unsafe-id", detail: JSON.stringify(messageId) });
  const path = oldPaths(folder)[box];
  try {
    for (const part of [dirname(path), path, join(path, messageId)]) {
      const there = lstatSync(part, { throwIfNoEntry: false });
      if (there === undefined) return fail({ code: "missing", detail: part });
      if (!there.isDirectory()) return fail({ code: "unsafe-place", detail: part });
    }
    return ok(join(path, messageId));
  } catch (error) {
    return failureOf(error);
  }
};

/** Whether the account is the host's or that of the session's agent. */
const isOfSession = (folder: string, uid: number): boolean =>
  uid === process.getuid?.() || uid === lstatSync(oldPaths(folder).owner, { throwIfNoEntry: false })?.uid;

/**
 * Reads chunk by chunk and opens the file for each, so that a reader that stops early leaves no file open.
 */
async function* bytesOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const chunk = await withFile(path, async (file) => {
      const bytes = new Uint8Array(Math.min(chunkBytes, size - at));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      const isSame = (await file.stat()).size === size && bytesRead > 0;
      return isSame ? ok(bytes.subarray(0, bytesRead)) : fail({ code: "unusable", detail: "it was changed" });
    });
    if (!chunk.ok) throw new OldFileChanged(`${chunk.error.code}, ${chunk.error.detail}`);
    at += chunk.value.length;
    yield chunk.value;
  }
}

/** Opens a plain file, and verifies that no folder on its path, from the session's folder on, is a link. */
const withFile = async <T>(
  path: string,
  use: (file: FileHandle) => Promise<Outcome<T>>,
): Promise<Outcome<T>> => {
  try {
    const file = await open(path, reading);
    try {
      const found = await file.stat();
      const isPlain = found.isFile() && found.nlink === 1;
      if (!isPlain || !(await isOpenedAt(file, path, join(path, "..", "..", "..", ".."))))
        return fail({ code: "unsafe-place", detail: path });
      return await use(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    return failureOf(error);
  }
};

/** Entries that one call removes. */
const mostRemoved = 10_000;

/**
 * Removes the folder of a box with the files of all its messages. Targets of links stay. It fails if an agent
 * left a folder with files of its own, or more entries than one call removes; then it has removed as much as
 * it could.
 */
export const removeOldBox = async (folder: string, box: OldBox): Promise<Outcome<null>> => {
  const limit: RemovalLimit = { left: mostRemoved };
  const path = oldPaths(folder)[box];
  try {
    const isRemoved = await inFolder(dirname(path), folder, (opened) =>
      emptied(path, folder, limit).then((isEmpty) => isEmpty && removeEntry(opened, nameOf(path), limit)),
    );
    if (isRemoved === null) return fail({ code: "unsafe-place", detail: path });
    if (isRemoved) return ok(null);
    const detail = limit.left > 0 ? "some entries cannot be removed" : `more than ${mostRemoved} entries`;
    return fail({ code: "unusable", detail });
  } catch (error) {
    const failed = failureOf(error);
    return !failed.ok && failed.error.code === "missing" ? ok(null) : failed;
  }
};

const nameOf = (path: string): string => path.slice(dirname(path).length + 1);

/** The box is opened once, so a link that replaces it later is not followed. */
const emptied = async (path: string, folder: string, limit: RemovalLimit): Promise<boolean> =>
  (await inFolder(path, folder, async (opened) => {
    let isEmpty = true;
    for await (const name of entriesIn(opened)) {
      if (limit.left <= 0) return false;
      isEmpty = (await removeEntry(opened, name, limit)) && isEmpty;
    }
    return isEmpty;
  })) ?? false;

const failureOf = (error: unknown): Outcome<never> => {
  const code = systemCode(error);
  if (code === "ENOENT") return fail({ code: "missing", detail: code });
  if (code === "ELOOP" || code === "EEXIST" || code === "ENOTDIR" || code === "ENXIO")
    return fail({ code: "unsafe-place", detail: code });
  return fail({ code: "unusable", detail: code });
};
