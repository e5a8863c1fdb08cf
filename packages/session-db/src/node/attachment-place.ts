import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { isFolderName } from "../decisions/safe-names.ts";
import { makeSessionFolders } from "./make-session.ts";
import { isOpenedAt } from "./opened-folder.ts";
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

export type Outcome<T> = Result<T, AttachmentError>;

/** The message's folder, whose every part below the session's folder is a real folder. */
export const messageFolder = (
  { folder, box, messageId }: AttachmentPlace,
  { make }: { readonly make: boolean },
): Outcome<string> => {
  if (!isFolderName(messageId)) return fail({ code: "unsafe-id", detail: JSON.stringify(messageId) });
  const paths = pathsOf(folder);
  const parts = [dirname(paths[box]), paths[box], join(paths[box], messageId)];
  try {
    if (make) makeSessionFolders(paths, false);
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

/** Opens a plain file, and makes sure that no folder on its way, from the session's on, was a link. */
export const withFile = async <T>(
  path: string,
  flags: number,
  use: (file: FileHandle) => Promise<Outcome<T>>,
): Promise<Outcome<T>> => {
  try {
    const file = await open(path, flags, 0o644);
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

export const failureOf = (error: unknown): Outcome<never> => {
  const code = systemCode(error);
  if (code === "ENOENT") return fail({ code: "missing", detail: code });
  if (code === "ELOOP" || code === "EEXIST" || code === "ENOTDIR" || code === "ENXIO")
    return fail({ code: "unsafe-place", detail: code });
  return fail({ code: "unusable", detail: code });
};
