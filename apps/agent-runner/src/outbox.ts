import { Buffer } from "node:buffer";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { attachmentLimits, isFolderName, safeFileNames } from "@gatehouse/session-rows/messages";
import type { FileSource, OutsideFile, PutFiles } from "./loop/with-files.ts";
import type { ProviderPlace } from "./provider.ts";
import { foldersOf, isOwn, openFile, type OpenedFile } from "./real-path.ts";

/**
 * Copies the files of one message into a folder named by its id, where they wait for the host. Leftovers come
 * from a container that was killed. Each file is opened once, so what was judged is what goes out.
 */
export const outboxIn =
  (outbox: string, { folder, cwd }: Pick<ProviderPlace, "folder" | "cwd">): PutFiles =>
  async (messageId, sources, mayLeave) => {
    const place = join(outbox, messageId);
    const names = safeFileNames(sources.map(nameOf));
    const made = isFolderName(messageId)
      ? await makeAnew(place)
      : fail("its message's id has parts of a path");
    const opened = await Promise.all(
      sources.map(async (source, index): Promise<Result<Content, string>> => {
        if (index >= attachmentLimits.count)
          return fail(`a message has at most ${attachmentLimits.count} files`);
        if (typeof source !== "string") return ok(source);
        return openFile(isAbsolute(source) ? source : `${cwd}/${source}`);
      }),
    );
    try {
      const outside = outsideOf(sources, opened, await foldersOf(folder, cwd));
      const refusal = outside.length === 0 ? null : await mayLeave(outside);
      const files: { name: string; size: number }[] = [];
      const problems: string[] = [];
      for (const [index, source] of sources.entries()) {
        const file = opened[index] ?? fail("it is gone");
        const name = names[index] ?? "file";
        const isRefused = refusal !== null && outside.some((one) => one.index === index);
        const copied = !made.ok
          ? made
          : !file.ok
            ? file
            : isRefused
              ? fail(refusal)
              : await copy(file.value, join(place, name));
        if (copied.ok) files.push({ name, size: copied.value });
        else problems.push(`The file ${visible(pathOf(source))} was not sent: ${copied.error}.`);
      }
      return { files, problems };
    } finally {
      for (const file of opened) if (file.ok && "handle" in file.value) await file.value.handle.close();
    }
  };

/** An opened file, or a text that becomes one. */
type Content = OpenedFile | { readonly text: string };

const pathOf = (source: FileSource): string => (typeof source === "string" ? source : source.name);

const nameOf = (source: FileSource): string => basename(pathOf(source));

/** The files that a person has to allow. One with a second name may be a file of another folder, too. */
const outsideOf = (
  sources: readonly FileSource[],
  opened: readonly Result<Content, string>[],
  folders: Parameters<typeof isOwn>[1],
): readonly OutsideFile[] =>
  opened.flatMap((file, index) => {
    if (!file.ok || !("handle" in file.value)) return [];
    const { realPath, hasOtherNames } = file.value;
    const path = pathOf(sources[index] ?? "");
    return isOwn(realPath, folders) && !hasOtherNames ? [] : [{ index, path, realPath }];
  });

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
const copy = async (content: Content, to: string): Promise<Result<number, string>> => {
  try {
    const size = "handle" in content ? (await content.handle.stat()).size : Buffer.byteLength(content.text);
    if (size > attachmentLimits.bytes)
      return fail(`it has ${size} bytes, and ${attachmentLimits.bytes} are the most`);
    await copyWhole(content, size, to);
    return ok(size);
  } catch (error) {
    return fail(`it cannot be read (${systemCode(error)})`);
  }
};

/**
 * The copy is synced to the disk, because a turn counts as done once its commit is in the spool, and the
 * commit names the file.
 */
const copyWhole = async (content: Content, size: number, to: string): Promise<void> => {
  const bytes =
    "handle" in content && size > 0
      ? content.handle.createReadStream({ autoClose: false, start: 0, end: size - 1 })
      : Readable.from("text" in content ? [content.text] : []);
  await pipeline(bytes, createWriteStream(to, { flags: "wx", mode: 0o600, flush: true }));
};
