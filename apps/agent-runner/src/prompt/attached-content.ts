import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { AttachedFile } from "../provider.ts";
import { openFile, realPathOf } from "../real-path.ts";

/** A file that is part of a prompt, with its bytes as base64. */
export type AttachedContent = {
  readonly type: "image" | "document";
  readonly mediaType: string;
  readonly data: string;
};

type Kind = Omit<AttachedContent, "data"> & {
  readonly is: (head: Buffer) => boolean;
  /** Bytes of one file. The Messages API takes images of 5 MB and requests of 32 MB, each as base64. */
  readonly most: number;
};

const begins =
  (text: string, at = 0) =>
  (head: Buffer): boolean =>
    head.subarray(at, at + text.length).toString("latin1") === text;

const [mostOfImage, mostOfDocument] = [3_700_000, 10_000_000];

/** What models read as content. The first bytes of a file tell its kind; its name does not count. */
const kinds: readonly Kind[] = [
  { type: "image", mediaType: "image/png", is: begins("\x89PNG\r\n\x1a\n"), most: mostOfImage },
  { type: "image", mediaType: "image/jpeg", is: begins("\xff\xd8\xff"), most: mostOfImage },
  { type: "image", mediaType: "image/gif", is: begins("GIF8"), most: mostOfImage },
  {
    type: "image",
    mediaType: "image/webp",
    most: mostOfImage,
    is: (head) => begins("RIFF")(head) && begins("WEBP", 8)(head),
  },
  { type: "document", mediaType: "application/pdf", is: begins("%PDF-"), most: mostOfDocument },
];

/** Bytes of all files of one prompt. */
const mostOfAll = 12_000_000;

/**
 * The files of a prompt that its model sees at once, if the agent takes their type. The others, and those that are too
 * large together, stay files, whose paths are in the prompt.
 */
export const attachedContent = async (
  files: readonly AttachedFile[],
  types: readonly AttachedContent["type"][],
): Promise<readonly AttachedContent[]> => {
  const content: AttachedContent[] = [];
  let left = mostOfAll;
  for (const { path } of files) {
    const file = await openFile(path);
    if (!file.ok) continue;
    const { handle, realPath } = file.value;
    try {
      // A link in its place would show the model a file that no person sent.
      if (realPath !== join(await realPathOf(dirname(path)), basename(path))) continue;
      const { size } = await handle.stat();
      const kind = size === 0 || size > left ? undefined : await kindOf(handle);
      if (kind === undefined || size > kind.most || !types.includes(kind.type)) continue;
      left -= size;
      const { type, mediaType } = kind;
      content.push({ type, mediaType, data: (await bytesOf(handle, size)).toString("base64") });
    } finally {
      await handle.close();
    }
  }
  return content;
};

const headBytes = 12;

const kindOf = async (file: FileHandle): Promise<Kind | undefined> => {
  const head = await bytesOf(file, headBytes);
  return kinds.find(({ is }) => is(head));
};

const bytesOf = async (file: FileHandle, size: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
  return buffer.subarray(0, bytesRead);
};
