import type { Attachment } from "@gatehouse/channels";
import { attachmentLimits } from "@nc/session-db";
import { writeAttachments, type AttachmentPlace } from "@nc/session-db/node";
import type { HostContext } from "../context.ts";

/** A file as the content of a message names it: where it is left out, with the reason. */
export type FileOfMessage =
  { readonly name: string; readonly size: number } | { readonly name: string; readonly problem: string };

/**
 * Writes files of a message into a session's folder, before the message itself: a message never names a file
 * that is not there. Written again they are known. One that may not be there is left out, and says why. A disk
 * that is full and a file that cannot be read are thrown: the message is tried again.
 */
export const putAttachments = async (
  { log }: Pick<HostContext, "log">,
  place: AttachmentPlace,
  attachments: readonly Attachment[],
): Promise<readonly FileOfMessage[]> => {
  if (attachments.length === 0) return [];
  const problems = attachments.map(problemOf);
  const good = attachments.filter((_, index) => problems[index] === null);
  const written = await writeAttachments(
    place,
    good.map((attachment) => ({ name: attachment.name, content: exactly(attachment) })),
  );
  if (!written.ok && (written.error.code === "unusable" || written.error.code === "missing"))
    throw new Error(`Files of the message ${place.messageId} cannot be written (${written.error.detail}).`);
  const names = written.ok ? [...written.value] : [];
  const taken = written.ok ? null : `it has no safe place in the inbox (${written.error.code})`;
  return attachments.map(({ name: given, size }, index): FileOfMessage => {
    const problem = problems[index] ?? taken;
    if (problem === null) return { name: names.shift() ?? given, size };
    log("attachment-left-out", { id: place.messageId, name: given, reason: problem });
    return { name: given, problem };
  });
};

const problemOf = ({ size }: Attachment, index: number): string | null => {
  const { count, bytes } = attachmentLimits;
  if (index >= count) return `a message has at most ${count} files`;
  return size > bytes ? `it has ${size} bytes, and ${bytes} are the most` : null;
};

/** The bytes that were said, no more and no fewer. */
async function* exactly({ name, size, content }: Attachment): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of content()) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new Error(`The file ${name} is of another size than was said.`);
}

/** How a message's content names its files. */
export const filesIn = (
  files: readonly FileOfMessage[],
): { readonly attachments?: readonly FileOfMessage[] } => (files.length === 0 ? {} : { attachments: files });
