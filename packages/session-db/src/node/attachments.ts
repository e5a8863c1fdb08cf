import { chmodSync, constants, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { isFolderName, safeFileName, safeFileNames } from "../decisions/safe-names.ts";
import { makeSession } from "./make-session.ts";
import { pathsOf } from "./paths.ts";

/**
 * Where attachments of a message are: `inbox` from the host, `outbox` from the container, `held` where the host
 * keeps those of a message that the agent has no right to yet.
 */
export type AttachmentPlace = {
  /** The session's folder. */
  readonly folder: string;
  readonly box: "inbox" | "outbox" | "held";
  readonly messageId: string;
};

export type AttachmentError = {
  readonly code:
    /** The message's id has parts of a path. Nothing was touched. */
    | "unsafe-id"
    /** The name leads out of the message's folder, or is hidden. */
    | "unsafe-name"
    /** A link, a pipe or a second name stands there. It was not followed. */
    | "unsafe-place"
    | "missing"
    | "too-large"
    /** The system refused; `detail` has its code. */
    | "unusable";
  readonly detail: string;
};

type Outcome<T> = Result<T, AttachmentError>;

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

/** The message's folder, whose every part below the session's folder is a real folder. */
const messageFolder = (
  { folder, box, messageId }: AttachmentPlace,
  { make }: { readonly make: boolean },
): Outcome<string> => {
  if (!isFolderName(messageId)) return fail({ code: "unsafe-id", detail: JSON.stringify(messageId) });
  const paths = pathsOf(folder);
  const parts = [dirname(paths[box]), paths[box], join(paths[box], messageId)];
  try {
    if (make) makeSession(paths, false);
    for (const part of parts) {
      const there = lstatSync(part, { throwIfNoEntry: false });
      if (there === undefined && !make) return fail({ code: "missing", detail: part });
      if (there === undefined) makeFolder(part, box);
      else if (!there.isDirectory()) return fail({ code: "unsafe-place", detail: part });
    }
    return ok(join(paths[box], messageId));
  } catch (error) {
    return failureOf(error);
  }
};

/**
 * The host and the container may be of two accounts. The inbox is read by both; of the outbox the host removes
 * what it has delivered. Who may come here at all is said by the folders above, `in` and `out`.
 */
const makeFolder = (path: string, box: AttachmentPlace["box"]): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, modes[box]);
};

const modes = { inbox: 0o711, outbox: 0o777, held: 0o700 } as const;

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

/** Opens a plain file, and makes sure that it is the one that the path named: no folder was replaced. */
const withFile = async <T>(
  path: string,
  flags: number,
  use: (file: FileHandle) => Promise<Outcome<T>>,
): Promise<Outcome<T>> => {
  try {
    const file = await open(path, flags, 0o644);
    try {
      const [found, named] = [await file.stat(), lstatSync(path, { throwIfNoEntry: false })];
      const isSame = named !== undefined && named.ino === found.ino && named.dev === found.dev;
      if (!found.isFile() || found.nlink !== 1 || !isSame || !isReal(path))
        return fail({ code: "unsafe-place", detail: path });
      return await use(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    return failureOf(error);
  }
};

/** Whether no part of the path, from the session's `in` or `out` on, is a link by now. */
const isReal = (path: string): boolean => {
  const base = join(path, "..", "..", "..", "..");
  return realpathSync(path) === join(realpathSync(base), path.slice(base.length));
};

const failureOf = (error: unknown): Outcome<never> => {
  const code = systemCode(error);
  if (code === "ENOENT") return fail({ code: "missing", detail: code });
  if (code === "ELOOP" || code === "EEXIST" || code === "ENOTDIR" || code === "ENXIO")
    return fail({ code: "unsafe-place", detail: code });
  return fail({ code: "unusable", detail: code });
};
