import type { File } from "node:buffer";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { openPlainFile } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import type { Attachment } from "../channel.ts";
import { chunkBytes } from "../local/frames.ts";

/** A file of the chatting person. Its content throws the system's errors. */
export type LocalFile = Attachment;

/** A file that a browser has sent. */
export const sentFile = (file: File): LocalFile => ({
  name: file.name,
  size: file.size,
  content: () => file.stream(),
});

const contentOf = async function* (path: string): AsyncGenerator<Uint8Array> {
  const handle = await openPlainFile(path);
  yield* handle.createReadStream({ highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>;
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
    return ok({ name: basename(path), size: there.size, content: () => contentOf(path) });
  } catch (error) {
    return fail(`${visible(given)} cannot be read (${systemCode(error)}).`);
  }
};
