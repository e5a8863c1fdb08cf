import { constants, lstatSync, readdirSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail, ok, systemCode } from "@gatehouse/std";
import { safeFileName, safeFileNames } from "../decisions/safe-names.ts";
import {
  failureOf,
  messageFolder,
  withFile,
  type AttachmentPlace,
  type Outcome,
} from "./attachment-place.ts";
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
  const { size } = looked.value;
  if (size > maxBytes)
    return fail({ code: "too-large", detail: `it has ${size} bytes, and ${maxBytes} are the most` });
  return ok({ size, content: () => bytesOf(path, size) });
};

/** Reads one attachment whole. */
export const readAttachment = async (
  place: AttachmentPlace,
  name: string,
  maxBytes: number,
): Promise<Outcome<Uint8Array>> => {
  const found = await findAttachment(place, name, maxBytes);
  if (!found.ok) return found;
  const content = new Uint8Array(found.value.size);
  let at = 0;
  for await (const chunk of found.value.content()) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return ok(content);
};

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

/** Removes a message's attachments: the folder, and no link's target. */
export const removeAttachments = (place: AttachmentPlace): Outcome<null> => {
  const folder = messageFolder(place, { make: false });
  if (!folder.ok) return folder.error.code === "missing" ? ok(null) : folder;
  try {
    rmSync(folder.value, { recursive: true, force: true });
    return ok(null);
  } catch (error) {
    return failureOf(error);
  }
};

/** Whether there are attachments of any message in a box. */
export const hasAttachments = (folder: string, box: AttachmentPlace["box"]): boolean => {
  try {
    return readdirSync(pathsOf(folder)[box]).length > 0;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** Removes the attachments of all messages of a box. Only where none of them is still needed. */
export const clearAttachments = (folder: string, box: AttachmentPlace["box"]): Outcome<null> => {
  const path = pathsOf(folder)[box];
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true });
    return ok(null);
  } catch (error) {
    return failureOf(error);
  }
};

/** Written beside its place, which then has the whole file. A rest of an earlier try is in nobody's way. */
const writeOne = async (
  folder: string,
  name: string,
  content: NewAttachment["content"],
): Promise<Outcome<null>> => {
  const path = join(folder, name);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() === true && there.nlink === 1) return ok(null);
  if (there !== undefined) return fail({ code: "unsafe-place", detail: path });
  // No safe name begins with a dot.
  const aside = join(folder, `.${name}`);
  try {
    rmSync(aside, { force: true });
  } catch (error) {
    return failureOf(error);
  }
  return withFile(aside, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, async (file) => {
    for await (const chunk of content instanceof Uint8Array ? [content] : content)
      await file.appendFile(chunk);
    await file.chmod(0o644);
    await file.sync();
    await rename(aside, path);
    await syncFolder(dirname(path));
    return ok(null);
  });
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, O_RDONLY);
  await folder.sync().finally(() => folder.close());
};
