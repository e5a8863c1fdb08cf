import { holdMessage, sessionFor, type NotHeld } from "@gatehouse/control-plane";
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

/** What the person who decides is shown. */
const textOf = ({ text, attachments = [] }: FromPerson): string =>
  [text, ...attachments.map(({ name, size }) => `[file ${visible(name)}, ${size} bytes]`)].join("\n");
