import { holdChat, holdMessage, sessionFor, type ChatNotHeld, type NotHeld } from "@gatehouse/control-plane";
import type { FromPerson } from "@gatehouse/channels";
import { visible } from "@gatehouse/std";
import type { LoopContext } from "../context.ts";
import { dropHeldFiles, holdFiles } from "../files/held-files.ts";
import type { KnownChat } from "./chat-rows.ts";
import type { RoutedWiring } from "./route.ts";
import { sessionKey } from "./session-key.ts";

/**
 * Keeps the message of a stranger until somebody who may answer says whether they may write to the agent of
 * this wiring. Says why, if it is not kept.
 */
export const holdForApproval = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  wiring: RoutedWiring,
): Promise<"held" | NotHeld | "not-wired"> => {
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
  const kept = await holdFiles(context, message, place);
  const outcome = await holdMessage(
    db,
    {
      messageId: message.id,
      userId: message.userId,
      userName: message.userName,
      chatId: chat.id,
      chatName: chat.name ?? `${message.channelType} ${message.platformId}`,
      groupId,
      groupName: group.name,
      sessionId: session.id,
      text: textOf(message),
      message: JSON.stringify(kept),
    },
    clock,
  );
  if (outcome !== "held") await dropHeldFiles(context, message.id, place);
  if (outcome === "held") context.log("message-held", { id: message.id, group: groupId });
  return outcome;
};

/**
 * Keeps a message to the bot of a chat that no group answers in, until somebody says whether one may. `wired`: one
 * does by now; the message's files may be those that are kept, and stay.
 */
export const holdForChat = async (
  context: LoopContext,
  message: FromPerson,
): Promise<"held" | "wired" | ChatNotHeld> => {
  const { db } = context.central;
  const { id: messageId, userId, userName, channelType, platformId, instance, isDirect } = message;
  const kept = await holdFiles(context, message, {});
  const outcome = await holdChat(
    db,
    {
      ...{ messageId, userId, userName, channelType, platformId, instance, isDirect },
      text: textOf(message),
      message: JSON.stringify(kept),
    },
    { now: context.now, id: context.newId },
  );
  if (outcome === "held") context.log("message-held", { id: messageId, group: null });
  else if (outcome !== "wired") await dropHeldFiles(context, messageId, {});
  return outcome;
};

/** What the person who decides is shown. */
const textOf = ({ text, attachments = [] }: FromPerson): string =>
  [text, ...attachments.map(({ name, size }) => `[file ${visible(name)}, ${size} bytes]`)].join("\n");
