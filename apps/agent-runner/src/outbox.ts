import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { attachmentLimits, safeFileNames } from "@nc/session-db";
import { removeAttachments, writeAttachments, type AttachmentPlace } from "@nc/session-db/node";
import type { PutFiles } from "./loop/with-files.ts";

/** Copies files into the outbox of a session, for one message. What is there of it is a killed container's. */
export const outboxIn =
  (folder: string): PutFiles =>
  async (messageId, paths) => {
    const place = { folder, box: "outbox", messageId } as const;
    await removeAttachments(place);
    const names = safeFileNames(paths.map((path) => basename(path)));
    const files: { name: string; size: number }[] = [];
    const problems: string[] = [];
    for (const [index, path] of paths.entries()) {
      const name = names[index] ?? "file";
      const copied = index < attachmentLimits.count ? await copy(place, name, path) : fail(tooMany);
      if (copied.ok) files.push({ name, size: copied.value });
      else problems.push(`The file ${visible(path)} was not sent: ${copied.error}.`);
    }
    return { files, problems };
  };

const tooMany = `a message has at most ${attachmentLimits.count} files`;

/** Bytes copied. The error says why there are none. */
const copy = async (place: AttachmentPlace, name: string, path: string): Promise<Result<number, string>> => {
  try {
    // A pipe is opened without waiting for its writer, and refused.
    const source = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await source.stat();
      const { size } = stat;
      if (!stat.isFile()) return fail("it is not a plain file");
      if (size > attachmentLimits.bytes)
        return fail(`it has ${size} bytes, and ${attachmentLimits.bytes} are the most`);
      const content =
        size === 0 ? new Uint8Array() : source.createReadStream({ autoClose: false, end: size - 1 });
      const written = await writeAttachments(place, [{ name, content }]);
      return written.ok ? ok(size) : fail(`${written.error.code} (${written.error.detail})`);
    } finally {
      await source.close();
    }
  } catch (error) {
    return fail(`it cannot be read (${systemCode(error)})`);
  }
};
