import {
  chatLabel,
  holdChat,
  holdMessage,
  type ChatNotHeld,
  type Held,
  type NotHeld,
} from "@gatehouse/approvals";
import { sessionFor } from "@gatehouse/session-rows";
import type { FromPerson } from "@gatehouse/channels";
import { visible } from "@gatehouse/std";
import { sessionKey, type KnownChat, type RoutedWiring } from "@gatehouse/routing";
import type { LoopContext } from "../context.ts";
import { dropPendingFiles, storePendingFiles } from "../files/pending-files.ts";

/**
 * Stores the message of a stranger until an approver has decided whether they may write to the agent of this
 * wiring. Returns the reason if it was not stored.
 */
export const holdForApproval = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  wiring: RoutedWiring,
): Promise<Held | NotHeld | "not-wired"> => {
  const { db } = context.central;
  const { groupId } = wiring;
  const clock = { now: context.now, id: context.newId };
  const group = await db
    .selectFrom("agent_groups")
    .select("name")
    .where("id", "=", groupId)
    .executeTakeFirst();
  const session = await sessionFor(db, sessionKey(message, chat, wiring), clock);
  // The group or the chat was deleted a moment ago.
  if (group === undefined || session === null) return "not-wired";
  const place = { groupId, sessionId: session.id };
  const kept = await storePendingFiles(context, message, place);
  const outcome = await holdMessage(
    db,
    {
      messageId: message.id,
      userId: message.userId,
      userName: message.userName,
      chatId: chat.id,
      chatName: chatLabel(chat.name, message),
      groupId,
      groupName: group.name,
      sessionId: session.id,
      text: textOf(message),
      message: JSON.stringify(kept),
    },
    clock,
  );
  if (isHeld(outcome)) noteHeld(context, message.id, { group: groupId, outcome });
  else await dropPendingFiles(context, message.id, place);
  return outcome;
};

/**
 * Stores a message to the bot of a chat without a group, until a person decides whether a group answers
 * there. `wired`: a group answers by now; then files that are already stored for this message stay.
 */
export const holdForChat = async (
  context: LoopContext,
  message: FromPerson,
): Promise<Held | "wired" | ChatNotHeld> => {
  const { db } = context.central;
  const { id: messageId, userId, userName, channelType, platformId, instance, isDirect, chatName } = message;
  const kept = await storePendingFiles(context, message, {});
  const outcome = await holdChat(
    db,
    {
      messageId,
      userId,
      userName,
      channelType,
      platformId,
      instance,
      isDirect,
      chatName,
      text: textOf(message),
      message: JSON.stringify(kept),
    },
    { now: context.now, id: context.newId },
  );
  if (isHeld(outcome)) noteHeld(context, messageId, { group: null, outcome });
  else if (outcome !== "wired") await dropPendingFiles(context, messageId, {});
  return outcome;
};

export const isHeld = (outcome: string): outcome is Held => outcome === "held" || outcome === "held-later";

const noteHeld = (
  { log, asked }: LoopContext,
  id: string,
  { group, outcome }: { readonly group: string | null; readonly outcome: Held },
): void => {
  log("message-held", { id, group, isLater: outcome === "held-later" });
  if (outcome === "held") asked?.();
};

/** The text that the approver sees. */
const textOf = ({ text, quoted = [], attachments = [] }: FromPerson): string =>
  [
    ...(text === "" && quoted.length > 0 ? [] : [text]),
    ...quoted.map(
      (one) => `[${one.how} ${JSON.stringify(one.sender)}: ${JSON.stringify(one.part ?? one.text)}]`,
    ),
    ...attachments.map(({ name, size }) => `[file ${visible(name)}, ${size} bytes]`),
  ].join("\n");
