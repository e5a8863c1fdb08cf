import {
  chatLabel,
  holdChat,
  holdMessage,
  type Awaited,
  type ChatNotHeld,
  type Held,
  type Hold,
  type NotHeld,
} from "@gatehouse/approvals";
import { sessionFor } from "@gatehouse/session-rows";
import type { FromPerson } from "@gatehouse/channels";
import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { visible } from "@gatehouse/std";
import { sessionKey, type KnownChat, type RoutedWiring } from "@gatehouse/routing";
import { channelOf, type LoopContext } from "../context.ts";

/**
 * Has the message of a stranger wait until an approver has decided whether they may write to the agent of this
 * wiring. Returns the reason if it does not.
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
  const outcome = await holdMessage(
    db,
    {
      ...heldText(context, message),
      chatId: chat.id,
      chatName: chatLabel(chat.name, message),
      groupId,
      groupName: group.name,
      sessionId: session.id,
    },
    clock,
  );
  if (isHeld(outcome)) noteHeld(context, message.id, { group: groupId, outcome });
  return outcome;
};

/**
 * Has a message to the bot of a chat without a group wait, until a person decides whether a group answers
 * there. `wired`: a group answers by now.
 */
export const holdForChat = async (
  context: LoopContext,
  message: FromPerson,
): Promise<Held | "wired" | ChatNotHeld> => {
  const { channelType, platformId, instance, isDirect, chatName } = message;
  const outcome = await holdChat(
    context.central.db,
    { ...heldText(context, message), channelType, platformId, instance, isDirect, chatName },
    { now: context.now, id: context.newId },
  );
  if (isHeld(outcome)) noteHeld(context, message.id, { group: null, outcome });
  return outcome;
};

export const isHeld = (outcome: string): outcome is Held =>
  ["held", "held-later", "claimed"].includes(outcome);

const heldText = (context: LoopContext, message: FromPerson) => ({
  messageId: message.id,
  userId: message.userId,
  userName: message.userName,
  text: textOf(message),
  hold: async (transaction: Kysely<CentralTables>, awaited: Awaited): Promise<Hold> =>
    (await channelOf(context, message.channelType)?.hold(transaction, message, awaited)) ?? "claimed",
});

const noteHeld = (
  { log, asked }: LoopContext,
  id: string,
  { group, outcome }: { readonly group: string | null; readonly outcome: Held },
): void => {
  if (outcome === "claimed") return;
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
