import { constants, createWriteStream } from "node:fs";
import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { attachmentLimits, isFolderName, safeFileNames } from "@gatehouse/session-rows/messages";
import type { PutFiles } from "./loop/with-files.ts";

/**
 * Copies the files of one message into a folder named by its id, where they wait for the host. Leftovers come
 * from a container that was killed.
 */
export const outboxIn =
  (folder: string): PutFiles =>
  async (messageId, paths) => {
    const place = join(folder, messageId);
    const names = safeFileNames(paths.map((path) => basename(path)));
    const files: { name: string; size: number }[] = [];
    const problems: string[] = [];
    const made = isFolderName(messageId)
      ? await makeAnew(place)
      : fail("its message's id has parts of a path");
    for (const [index, path] of paths.entries()) {
      const name = names[index] ?? "file";
      const copied = !made.ok
        ? made
        : index < attachmentLimits.count
          ? await copy(path, join(place, name))
          : fail(tooMany);
      if (copied.ok) files.push({ name, size: copied.value });
      else problems.push(`The file ${visible(path)} was not sent: ${copied.error}.`);
    }
    return { files, problems };
  };

const tooMany = `a message has at most ${attachmentLimits.count} files`;

const makeAnew = async (place: string): Promise<Result<0, string>> => {
  try {
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true, mode: 0o700 });
    return ok(0);
  } catch (error) {
    return fail(`it cannot be kept (${systemCode(error)})`);
  }
};

/** Returns the number of copied bytes. The error says why the file was not copied. */
const copy = async (path: string, to: string): Promise<Result<number, string>> => {
  try {
    // Opens a pipe without waiting for its writer; it is refused below.
    const source = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await source.stat();
      const { size } = stat;
      if (!stat.isFile()) return fail("it is not a plain file");
      if (size > attachmentLimits.bytes)
        return fail(`it has ${size} bytes, and ${attachmentLimits.bytes} are the most`);
      await copyWhole(source, size, to);
      return ok(size);
    } finally {
      await source.close();
    }
  } catch (error) {
    return fail(`it cannot be read (${systemCode(error)})`);
  }
};

/**
 * The copy is synced to the disk, because a turn counts as done once its commit is in the spool, and the
 * commit names the file.
 */
const copyWhole = async (source: FileHandle, size: number, to: string): Promise<void> => {
  const bytes =
    size === 0 ? Readable.from([]) : source.createReadStream({ autoClose: false, start: 0, end: size - 1 });
  await pipeline(bytes, createWriteStream(to, { flags: "wx", mode: 0o600, flush: true }));
};
