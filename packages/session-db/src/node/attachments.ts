import { constants, lstatSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { isFolderName, safeFileName, safeFileNames } from "../decisions/safe-names.ts";
import { pathsOf } from "./paths.ts";

/** Where attachments of a message are: `inbox` from the host, `outbox` from the container. */
export type AttachmentPlace = {
  /** The session's folder. */
  readonly folder: string;
  readonly box: "inbox" | "outbox";
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

/**
 * Writes the attachments of a message, under safe names, which it gives in the same order. A file that is
 * there already stays as it is: the message was sent again.
 */
export const writeAttachments = async (
  place: AttachmentPlace,
  files: readonly { readonly name: string; readonly content: Uint8Array }[],
): Promise<Outcome<readonly string[]>> => {
  const names = safeFileNames(files.map(({ name }) => name));
  const folder = messageFolder(place, { make: true });
  if (!folder.ok) return folder;
  for (const [index, { content }] of files.entries()) {
    const written = await writeOne(join(folder.value, names[index] ?? "file"), content);
    if (!written.ok) return written;
  }
  return ok(names);
};

/** Reads one attachment. What is opened is looked at, so a file that is replaced meanwhile leads nowhere. */
export const readAttachment = async (
  place: AttachmentPlace,
  name: string,
  maxBytes: number,
): Promise<Outcome<Uint8Array>> => {
  if (safeFileName(name) !== name) return fail({ code: "unsafe-name", detail: JSON.stringify(name) });
  const folder = messageFolder(place, { make: false });
  if (!folder.ok) return folder;
  const path = join(folder.value, name);
  return withFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, async (file) => {
    const { size } = await file.stat();
    if (size > maxBytes) return fail({ code: "too-large", detail: `${name} has ${size} bytes` });
    const content = new Uint8Array(size);
    const { bytesRead } = await file.read(content, 0, size, 0);
    return ok(content.subarray(0, bytesRead));
  });
};

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

/** The message's folder, whose every part below the session's folder is a real folder. */
const messageFolder = (
  { folder, box, messageId }: AttachmentPlace,
  { make }: { readonly make: boolean },
): Outcome<string> => {
  if (!isFolderName(messageId)) return fail({ code: "unsafe-id", detail: JSON.stringify(messageId) });
  const paths = pathsOf(folder);
  const parts = [box === "inbox" ? paths.in : paths.out, paths[box], join(paths[box], messageId)];
  try {
    for (const part of parts) {
      const there = lstatSync(part, { throwIfNoEntry: false });
      if (there === undefined && !make) return fail({ code: "missing", detail: part });
      if (there === undefined) mkdirSync(part, { recursive: true, mode: lstatSync(folder).mode | 0o600 });
      else if (!there.isDirectory()) return fail({ code: "unsafe-place", detail: part });
    }
    return ok(join(paths[box], messageId));
  } catch (error) {
    return failureOf(error);
  }
};

const writeOne = async (path: string, content: Uint8Array): Promise<Outcome<null>> => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() === true && there.nlink === 1) return ok(null);
  if (there !== undefined) return fail({ code: "unsafe-place", detail: path });
  return withFile(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, async (file) => {
    await file.writeFile(content);
    await file.sync();
    return ok(null);
  });
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
