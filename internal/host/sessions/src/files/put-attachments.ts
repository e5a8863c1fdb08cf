import type { Attachment } from "@gatehouse/channels";
import { fail, ok, visible, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import { putFiles, type FilePlace } from "@gatehouse/session-rows";
import type { HostContext } from "../context.ts";

/** A file in the content of a message. A file that was left out has a reason instead of a size. */
export type FileOfMessage =
  | { readonly name: string; readonly size: number }
  | { readonly name: string; readonly problem: string };

/** Why files were not written. `message` contains no path of the host, because an agent may read it. */
type PutError = { readonly message: string; readonly cause: unknown };

type FileContext = Pick<HostContext, "central" | "log" | "now">;

/**
 * Stores the files of a message in the database before the message itself, so a message never names a missing
 * file. Idempotent. A file over the limits is left out, with the reason. A full disk or an unreadable file is
 * an error: the message may be tried again.
 */
export const putAttachments = async (
  context: FileContext,
  place: FilePlace,
  attachments: readonly Attachment[],
  senderGroupId?: string,
): Promise<Result<readonly FileOfMessage[], PutError>> => {
  if (attachments.length === 0) return ok([]);
  const problems = attachments.map(problemOf);
  const good = attachments.filter((_, index) => problems[index] === null);
  const read = await writeReadable(context, place, good, senderGroupId);
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

/** Like `putAttachments`, but throws the error: the channel hands the message over again. */
export const putFilesOfPerson = async (
  ...[context, place, attachments]: Parameters<typeof putAttachments>
): Promise<readonly FileOfMessage[]> => {
  const put = await putAttachments(context, place, attachments);
  if (put.ok) return put.value;
  const { message, cause } = put.error;
  throw new Error(`The message ${place.messageId} cannot be taken: ${message}`, { cause });
};

/** An error thrown by the file's source is an error of that file; any other thrown error is a bug. */
const writeReadable = async (
  { central, now }: FileContext,
  place: FilePlace,
  attachments: readonly Attachment[],
  senderGroupId: string | undefined,
): Promise<Result<Awaited<ReturnType<typeof putFiles>>, PutError>> => {
  const unreadable: PutError[] = [];
  const files = attachments.map((attachment) => ({
    name: attachment.name,
    content: exactly(attachment, (error) => unreadable.push(error)),
  }));
  try {
    const options = { now: now(), most: attachmentLimits.bytes };
    const sender = senderGroupId === undefined ? {} : { senderGroupId };
    return ok(await putFiles(central.loop, place, files, { ...options, ...sender }));
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

/** Yields exactly the announced number of bytes. It notes an error before it throws it. */
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

/** The `attachments` of a message's content. */
export const filesIn = (
  files: readonly FileOfMessage[],
): { readonly attachments?: readonly FileOfMessage[] } => (files.length === 0 ? {} : { attachments: files });
