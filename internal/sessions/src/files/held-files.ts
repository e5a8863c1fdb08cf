import type { Attachment, FromPerson } from "@gatehouse/channels";
import { findFile, removeFiles, type FilePlace } from "@nc/session-db/node";
import type { HostContext } from "../context.ts";
import { putFilesOfPerson } from "./put-attachments.ts";

/** The session that gets a message once it is approved; none of a chat that no group answers in. */
type HeldFor =
  | { readonly groupId: string; readonly sessionId: string }
  | { readonly groupId?: never; readonly sessionId?: never };

/** A message that waits for a person, as it is kept: its files are no agent's yet. */
export type HeldMessage = Omit<FromPerson, "attachments"> & {
  readonly held?: HeldFor & { readonly names: readonly string[] };
};

/** Keeps the files of a message that waits. */
export const holdFiles = async (
  context: HostContext,
  { attachments = [], ...message }: FromPerson,
  session: HeldFor,
): Promise<HeldMessage> => {
  if (attachments.length === 0) return message;
  const files = await putFilesOfPerson(context, placeOf(message.id, session), attachments);
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
    const found = await findFile(context.central.rows, placeOf(message.id, held), name);
    if (found.ok) attachments.push({ name, ...found.value });
    else context.log("attachment-left-out", { id: message.id, name, reason: found.error.code });
  }
  return { ...message, attachments };
};

export const dropHeldFiles = async (
  context: HostContext,
  messageId: string,
  session: HeldFor,
): Promise<void> => {
  await removeFiles(context.central.rows, placeOf(messageId, session));
};

const placeOf = (messageId: string, { sessionId = "" }: HeldFor): FilePlace => ({
  ...{ sessionId, messageId },
  box: "held",
});
