import type { Attachment, FromPerson } from "@gatehouse/channels";
import { findFile, removeFiles, type FilePlace } from "@gatehouse/session-rows";
import type { HostContext } from "../context.ts";
import { putFilesOfPerson } from "./put-attachments.ts";

/** The session that gets the message once it is approved; empty for a chat without a group. */
type PendingFor =
  | { readonly groupId: string; readonly sessionId: string }
  | { readonly groupId?: never; readonly sessionId?: never };

/** A message that awaits approval, as it is stored. No agent may read its files yet. */
export type PendingMessage = Omit<FromPerson, "attachments"> & {
  readonly held?: PendingFor & { readonly names: readonly string[] };
};

/** Stores the files of a message that awaits approval. */
export const storePendingFiles = async (
  context: HostContext,
  { attachments = [], ...message }: FromPerson,
  session: PendingFor,
): Promise<PendingMessage> => {
  if (attachments.length === 0) return message;
  const files = await putFilesOfPerson(context, placeOf(message.id, session), attachments);
  return {
    ...message,
    held: { ...session, names: files.flatMap((file) => ("size" in file ? [file.name] : [])) },
  };
};

/** Returns the message with its files. A missing file is left out. */
export const readPendingMessage = async (
  context: HostContext,
  { held, ...message }: PendingMessage,
): Promise<FromPerson> => {
  if (held === undefined) return message;
  const attachments: Attachment[] = [];
  for (const name of held.names) {
    const found = await findFile(context.central.loop, placeOf(message.id, held), name);
    if (found.ok) attachments.push({ name, ...found.value });
    else context.log("attachment-left-out", { id: message.id, name, reason: found.error.code });
  }
  return { ...message, attachments };
};

export const dropPendingFiles = async (
  context: HostContext,
  messageId: string,
  session: PendingFor,
): Promise<void> => {
  await removeFiles(context.central.loop, placeOf(messageId, session));
};

const placeOf = (messageId: string, { sessionId = "" }: PendingFor): FilePlace => ({
  sessionId,
  messageId,
  box: "held",
});
