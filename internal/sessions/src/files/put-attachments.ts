import type { Attachment } from "@gatehouse/channels";
import { fail, ok, visible, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@nc/session-db";
import { putFiles, type FilePlace } from "@nc/session-db/node";
import type { HostContext } from "../context.ts";

/** A file as the content of a message names it: where it is left out, with the reason. */
export type FileOfMessage =
  { readonly name: string; readonly size: number } | { readonly name: string; readonly problem: string };

/** Why files were not written. The message has no path of the host: an agent may read it. */
type PutError = { readonly message: string; readonly cause: unknown };

type FileContext = Pick<HostContext, "central" | "log" | "now">;

/**
 * Keeps files of a message in the database, before the message itself: a message never names a file
 * that is not there. Written again they are known. A file over the limits is left out, with the reason. A disk
 * that is full, or a file that cannot be read, is an error: the message may be tried again.
 */
export const putAttachments = async (
  context: FileContext,
  place: FilePlace,
  attachments: readonly Attachment[],
): Promise<Result<readonly FileOfMessage[], PutError>> => {
  if (attachments.length === 0) return ok([]);
  const problems = attachments.map(problemOf);
  const good = attachments.filter((_, index) => problems[index] === null);
  const read = await writeReadable(context, place, good);
  if (!read.ok) return read;
  const written = read.value;
  if (!written.ok && written.error.code === "unusable")
    return fail({
      message: `its files cannot be written (${written.error.detail}).`,
      cause: { code: written.error.detail },
    });
  const names = written.ok ? [...written.value] : [];
  const taken = written.ok ? null : `it has no safe place in the inbox (${written.error.code})`;
  const named = attachments.map(({ name: given, size }, index): FileOfMessage => {
    const problem = problems[index] ?? taken;
    if (problem === null) return { name: names.shift() ?? given, size };
    context.log("attachment-left-out", { id: place.messageId, name: given, reason: problem });
    return { name: given, problem };
  });
  return ok(named);
};

/** As `putAttachments`, for a message that its channel hands over again: throws the error. */
export const putFilesOfPerson = async (
  ...[context, place, attachments]: Parameters<typeof putAttachments>
): Promise<readonly FileOfMessage[]> => {
  const put = await putAttachments(context, place, attachments);
  if (put.ok) return put.value;
  const { message, cause } = put.error;
  throw new Error(`The message ${place.messageId} cannot be taken: ${message}`, { cause });
};

/** What the file's source throws is an error of that file; anything else that is thrown is a bug. */
const writeReadable = async (
  { central, now }: FileContext,
  place: FilePlace,
  attachments: readonly Attachment[],
): Promise<Result<Awaited<ReturnType<typeof putFiles>>, PutError>> => {
  const unreadable: PutError[] = [];
  const files = attachments.map((attachment) => ({
    name: attachment.name,
    content: exactly(attachment, (error) => unreadable.push(error)),
  }));
  try {
    return ok(await putFiles(central.rows, place, files, { now: now(), most: attachmentLimits.bytes }));
  } catch (error) {
    const [first] = unreadable;
    if (first === undefined) throw error;
    return fail(first);
  }
};

const problemOf = ({ size }: Attachment, index: number): string | null => {
  const { count, bytes } = attachmentLimits;
  if (index >= count) return `a message has at most ${count} files`;
  return size > bytes ? `it has ${size} bytes, and ${bytes} are the most` : null;
};

/** The bytes that were said, no more and no fewer. Notes an error before it throws. */
async function* exactly(
  { name, size, content }: Attachment,
  note: (error: PutError) => void,
): AsyncGenerator<Uint8Array> {
  let left = size;
  try {
    for await (const chunk of content()) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
  } catch (cause) {
    note({ message: `the file ${visible(name)} cannot be read.`, cause });
    throw cause;
  }
  if (left === 0) return;
  const message = `the file ${visible(name)} does not have the announced size.`;
  note({ message, cause: null });
  throw new Error(message);
}

/** How a message's content names its files. */
export const filesIn = (
  files: readonly FileOfMessage[],
): { readonly attachments?: readonly FileOfMessage[] } => (files.length === 0 ? {} : { attachments: files });
