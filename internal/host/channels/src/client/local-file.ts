import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@gatehouse/session-rows/messages";

/** A file of the chatting person. */
export type LocalFile = {
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
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
    return ok({ path, name: basename(path), size: there.size });
  } catch (error) {
    return fail(`${visible(given)} cannot be read (${systemCode(error)}).`);
  }
};
