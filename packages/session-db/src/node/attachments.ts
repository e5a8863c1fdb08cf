import { randomUUID } from "node:crypto";
import { constants, lstatSync, opendirSync } from "node:fs";
import { lstat, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fail, ok, systemCode } from "@gatehouse/std";
import { safeFileName, safeFileNames } from "../decisions/safe-names.ts";
import {
  failureOf,
  messageFolder,
  withFile,
  type AttachmentPlace,
  type Outcome,
} from "./attachment-place.ts";
import { entriesIn, inFolder, removeEntry, type RemovalLimit } from "./opened-folder.ts";
import { pathsOf } from "./paths.ts";

const { O_CREAT, O_EXCL, O_WRONLY, O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const reading = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Bytes read at once. */
const chunkBytes = 256 * 2 ** 10;

/** A file to write. A stream is read once, when its turn comes; what it throws reaches the caller. */
export type NewAttachment = {
  readonly name: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
};

/**
 * Writes the attachments of a message, under safe names, which it gives in the same order. Each file is there
 * whole or not at all. One that is there already stays as it is: the message was sent again.
 */
export const writeAttachments = async (
  place: AttachmentPlace,
  files: readonly NewAttachment[],
): Promise<Outcome<readonly string[]>> => {
  const names = safeFileNames(files.map(({ name }) => name));
  const folder = messageFolder(place, { make: true });
  if (!folder.ok) return folder;
  for (const [index, { content }] of files.entries()) {
    const written = await writeOne(folder.value, names[index] ?? "file", content);
    if (!written.ok) return written;
  }
  return ok(names);
};

/** An attachment that was looked at. */
export type FoundAttachment = {
  /** Bytes. */
  readonly size: number;
  /**
   * Its bytes, from the beginning each time. Throws where the file is another one by then, or is of another
   * size: its writer may be an agent.
   */
  readonly content: () => AsyncIterable<Uint8Array>;
};

/** Looks at one attachment. Each look opens the file itself, so one that is replaced meanwhile leads nowhere. */
export const findAttachment = async (
  place: AttachmentPlace,
  name: string,
  maxBytes: number,
): Promise<Outcome<FoundAttachment>> => {
  if (safeFileName(name) !== name) return fail({ code: "unsafe-name", detail: JSON.stringify(name) });
  const folder = messageFolder(place, { make: false });
  if (!folder.ok) return folder;
  const path = join(folder.value, name);
  const looked = await withFile(path, reading, async (file) => ok(await file.stat()));
  if (!looked.ok) return looked;
  const { size, uid } = looked.value;
  if (place.box === "outbox" && !isOfSession(place.folder, uid))
    return fail({ code: "unsafe-place", detail: "it is of another account" });
  if (size > maxBytes)
    return fail({ code: "too-large", detail: `it has ${size} bytes, and ${maxBytes} are the most` });
  return ok({ size, content: () => bytesOf(path, size) });
};

/** Whether an account is the host's, or that of the session's agent. */
const isOfSession = (folder: string, uid: number): boolean =>
  uid === process.getuid?.() || uid === lstatSync(pathsOf(folder).owner, { throwIfNoEntry: false })?.uid;

/** Chunk by chunk. The file is opened for each, so that a reader that stops early leaves nothing open. */
async function* bytesOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const chunk = await withFile(path, reading, async (file) => {
      const bytes = new Uint8Array(Math.min(chunkBytes, size - at));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      const isSame = (await file.stat()).size === size && bytesRead > 0;
      return isSame ? ok(bytes.subarray(0, bytesRead)) : fail({ code: "unusable", detail: "it was changed" });
    });
    if (!chunk.ok) throw new Error(`${path}: ${chunk.error.code}, ${chunk.error.detail}`);
    at += chunk.value.length;
    yield chunk.value;
  }
}

/** Entries that one call removes. */
const mostRemoved = 10_000;

/**
 * Removes a message's attachments: the folder, and no link's target. What an agent put there besides may make
 * it fail: a folder with files of its own, or more entries than one call removes.
 */
export const removeAttachments = async (place: AttachmentPlace): Promise<Outcome<null>> => {
  const folder = messageFolder(place, { make: false });
  if (!folder.ok) return folder.error.code === "missing" ? ok(null) : folder;
  return removeIn(place.folder, place.box, (box, limit) => removeEntry(box, place.messageId, limit));
};

/** Whether there is anything in a box, or something else in its place. */
export const hasAttachments = (folder: string, box: AttachmentPlace["box"]): boolean => {
  try {
    const entries = opendirSync(pathsOf(folder)[box]);
    try {
      return entries.readSync() !== null;
    } finally {
      entries.closeSync();
    }
  } catch (error) {
    return systemCode(error) !== "ENOENT";
  }
};

/**
 * Removes the attachments of all messages of a box. Only where none of them is still needed. It fails as
 * `removeAttachments` does, and has removed what it could.
 */
export const clearAttachments = (folder: string, box: AttachmentPlace["box"]): Promise<Outcome<null>> =>
  removeIn(folder, box, async (opened, limit) => {
    let isEmpty = true;
    for await (const name of entriesIn(opened)) {
      if (limit.left <= 0) return false;
      isEmpty = (await removeEntry(opened, name, limit)) && isEmpty;
    }
    return isEmpty;
  });

/** Removes something in a box. The box is opened once: a link that is put in its place later leads nowhere. */
const removeIn = async (
  folder: string,
  box: AttachmentPlace["box"],
  remove: (opened: string, limit: RemovalLimit) => Promise<boolean>,
): Promise<Outcome<null>> => {
  const limit: RemovalLimit = { left: mostRemoved };
  const path = pathsOf(folder)[box];
  try {
    const isRemoved = await inFolder(path, folder, (opened) => remove(opened, limit));
    if (isRemoved === null) return fail({ code: "unsafe-place", detail: path });
    if (isRemoved) return ok(null);
    const detail = limit.left > 0 ? "some entries cannot be removed" : `more than ${mostRemoved} entries`;
    return fail({ code: "unusable", detail });
  } catch (error) {
    const failed = failureOf(error);
    return !failed.ok && failed.error.code === "missing" ? ok(null) : failed;
  }
};

/**
 * Writes beside the target, then renames. Two hosts may write the same file, so each writes beside under a name
 * of its own; the file is whole whoever comes last.
 */
const writeOne = async (
  folder: string,
  name: string,
  content: NewAttachment["content"],
): Promise<Outcome<null>> => {
  const path = join(folder, name);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() === true && there.nlink === 1) return ok(null);
  if (there !== undefined) return fail({ code: "unsafe-place", detail: path });
  const aside = join(folder, `${asideMark}${randomUUID()}`);
  try {
    await removeLeftovers(folder);
    return await withFile(aside, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, async (file) => {
      for await (const chunk of content instanceof Uint8Array ? [content] : content)
        await file.appendFile(chunk);
      await file.chmod(0o644);
      await file.sync();
      await rename(aside, path);
      await syncFolder(dirname(path));
      return ok(null);
    });
  } catch (error) {
    return failureOf(error);
  } finally {
    await rm(aside, { force: true });
  }
};

/** No safe name begins with a dot. */
const asideMark = ".part-";

/** A file beside its target that nobody has written to for this long is a killed writer's, ms. */
const leftoverMs = 60_000;

const removeLeftovers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(asideMark)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await lstat(path).catch(gone);
    if (mtimeMs < Date.now() - leftoverMs) await rm(path, { force: true });
  }
};

const gone = (error: unknown): { readonly mtimeMs: number } => {
  if (systemCode(error) === "ENOENT") return { mtimeMs: Infinity };
  throw error;
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, O_RDONLY);
  await folder.sync().finally(() => folder.close());
};
