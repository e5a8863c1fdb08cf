import { Buffer, type File } from "node:buffer";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { openPlainFile } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@gatehouse/session-rows/messages";

/** An open file of the chatting person. */
export type OpenFile = {
  /** Bytes, now. */
  readonly size: () => Promise<number>;
  /** At most `length` bytes; none at the end. */
  readonly read: (at: number, length: number) => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

/** A file of the chatting person. */
export type LocalFile = {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Throws the system's errors. */
  readonly open: () => Promise<OpenFile>;
};

/** A file that a browser has sent. */
export const sentFile = (file: File): LocalFile => ({
  name: file.name,
  size: file.size,
  open: async () => ({
    size: async () => file.size,
    read: async (at, length) => Buffer.from(await file.slice(at, at + length).arrayBuffer()),
    close: async () => {},
  }),
});

const openPath = async (path: string): Promise<OpenFile> => {
  const handle = await openPlainFile(path);
  return {
    size: async () => (await handle.stat()).size,
    read: async (at, length) => {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, at);
      return bytes.subarray(0, bytesRead);
    },
    close: () => handle.close(),
  };
};

/** Checks whether a file may be attached after the files in `before`. The error is a sentence. */
export const statFile = async (
  cwd: string,
  given: string,
  before: readonly LocalFile[],
): Promise<Result<LocalFile, string>> => {
  const path = resolve(cwd, given);
  const { count, bytes } = attachmentLimits;
  if (before.length >= count) return fail(`A message has at most ${count} files.`);
  try {
    const there = await stat(path);
    if (!there.isFile()) return fail(`${visible(given)} is not a plain file.`);
    if (there.size > bytes)
      return fail(
        `${visible(given)} has ${there.size} bytes, and a file has at most ${bytes} (${bytes / 2 ** 20} MB).`,
      );
    return ok({ name: basename(path), size: there.size, open: () => openPath(path) });
  } catch (error) {
    return fail(`${visible(given)} cannot be read (${systemCode(error)}).`);
  }
};
