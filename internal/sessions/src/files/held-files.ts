import type { Attachment, FromPerson } from "@gatehouse/channels";
import { attachmentLimits } from "@nc/session-db";
import { findAttachment, removeAttachments, type AttachmentPlace } from "@nc/session-db/node";
import type { HostContext } from "../context.ts";
import { sessionFolder } from "../held/session-folder.ts";
import { putAttachments } from "./put-attachments.ts";

/** A message that waits for a person, as it is kept: its files are beside the agent's inbox, not in it. */
export type HeldMessage = Omit<FromPerson, "attachments"> & {
  readonly held?: { readonly groupId: string; readonly sessionId: string; readonly names: readonly string[] };
};

type Session = { readonly groupId: string; readonly sessionId: string };

/** Keeps the files of a message that waits. */
export const holdFiles = async (
  context: HostContext,
  { attachments = [], ...message }: FromPerson,
  session: Session,
): Promise<HeldMessage> => {
  if (attachments.length === 0) return message;
  const files = await putAttachments(context, placeOf(context, message.id, session), attachments);
  return {
    ...message,
    held: { ...session, names: files.flatMap((file) => ("size" in file ? [file.name] : [])) },
  };
};

/** The message with its files. One that is gone is left out. */
export const heldMessage = async (
  context: HostContext,
  { held, ...message }: HeldMessage,
): Promise<FromPerson> => {
  if (held === undefined) return message;
  const attachments: Attachment[] = [];
  for (const name of held.names) {
    const found = await findAttachment(placeOf(context, message.id, held), name, attachmentLimits.bytes);
    if (found.ok) attachments.push({ name, ...found.value });
    else context.log("attachment-left-out", { id: message.id, name, reason: found.error.code });
  }
  return { ...message, attachments };
};

export const dropHeldFiles = (context: HostContext, messageId: string, session: Session): void => {
  removeAttachments(placeOf(context, messageId, session));
};

const placeOf = (
  context: HostContext,
  messageId: string,
  { groupId, sessionId }: Session,
): AttachmentPlace => ({ folder: sessionFolder(context, groupId, sessionId), box: "held", messageId });
