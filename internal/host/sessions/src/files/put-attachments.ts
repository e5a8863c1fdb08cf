import type { Attachment } from "@gatehouse/channels";
import { fail, ok, type Result } from "@gatehouse/std";
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
  { central, log, now }: FileContext,
  place: FilePlace,
  attachments: readonly Attachment[],
  senderGroupId?: string,
): Promise<Result<readonly FileOfMessage[], PutError>> => {
  if (attachments.length === 0) return ok([]);
  const problems = attachments.map(problemOf);
  const good = attachments.filter((_, index) => problems[index] === null);
  const sender = senderGroupId === undefined ? {} : { senderGroupId };
  const written = await putFiles(central.loop, place, good, {
    now: now(),
    most: attachmentLimits.bytes,
    ...sender,
  });
  const error = written.ok ? null : written.error;
  if (error?.code === "unreadable") return fail({ message: error.detail, cause: error.cause });
  if (error?.code === "unusable")
    return fail({
      message: `its files cannot be written (${error.detail}).`,
      cause: { code: error.detail },
    });
  const names = written.ok ? [...written.value] : [];
  const taken = error === null ? null : `it has no safe place in the inbox (${error.code})`;
  const named = attachments.map(({ name: given, size }, index): FileOfMessage => {
    const problem = problems[index] ?? taken;
    if (problem === null) return { name: names.shift() ?? given, size };
    log("attachment-left-out", { id: place.messageId, name: given, reason: problem });
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

const problemOf = ({ size }: Attachment, index: number): string | null => {
  const { count, bytes } = attachmentLimits;
  if (index >= count) return `a message has at most ${count} files`;
  return size > bytes ? `it has ${size} bytes, and ${bytes} are the most` : null;
};

/** The `attachments` of a message's content. */
export const filesIn = (
  files: readonly FileOfMessage[],
): { readonly attachments?: readonly FileOfMessage[] } => (files.length === 0 ? {} : { attachments: files });
