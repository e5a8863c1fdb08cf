import type { Kysely } from "kysely";
import { canonicalText, type Args } from "@nc/cli-scope";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { digestOf, quotedLines } from "./approval-row.ts";
import { hasApprover } from "./approvers.ts";
import { expiryOf, isFull, longestText } from "./hold.ts";

/** A message that waits for a person's answer. */
type HeldText = {
  /** The id of the message on its channel. */
  readonly messageId: string;
  readonly userId: string;
  readonly userName: string | null;
  readonly text: string;
  /** The channel's own mark, within a transaction. The message and its files stay in the channel's inbox. */
  readonly hold: (transaction: Kysely<CentralTables>, awaited: Awaited) => Promise<Hold>;
};

/** The answer for which a message waits. */
export type Awaited = {
  readonly approvalId: string;
  /** Most messages that wait for it. */
  readonly most: number;
};

/** `full`: as many others wait for the answer already. `claimed`: another host has received the message. */
export type Hold = "held" | "full" | "claimed";

/** A stranger's message to a group. */
export type StrangersMessage = HeldText & {
  /** The chat's id, and its name to show. */
  readonly chatId: string;
  readonly chatName: string;
  readonly groupId: string;
  readonly groupName: string;
  /** The session that gets the message after an approval. */
  readonly sessionId: string;
};

/**
 * How a message waits. `held`: approvers read it in the question. `held-later`: it was written while a question was
 * pending already, and is passed on after the message of that question. `claimed`: not at all, another host has received it.
 */
export type Held = "held" | "held-later" | "claimed";

/** Maximum number of messages that wait behind the one of a question. */
export const mostLater = 20;

/** Maximum number of messages that wait for an answer. */
const most = 1 + mostLater;

/** Why a message is not held. */
export type NotHeld =
  /** A question about the same person in the same chat is pending, and `mostLater` messages wait behind it. */
  | "sender-waits"
  /** No person may answer, or too many questions of the group are pending. */
  | "not-asked"
  /** The message is too long for a person to read in a question. */
  | "too-long";

/**
 * Has a stranger's message wait until a person answers whether the stranger may write: one question per stranger and chat.
 * Idempotent by the message's id. Approvers get a card for the first message, as for any other approval.
 */
export const holdMessage = (
  db: Kysely<CentralTables>,
  asked: StrangersMessage,
  clock: ClockAndIds,
): Promise<Held | NotHeld> =>
  db.transaction().execute((transaction) => holdMessageIn(transaction, asked, clock));

const holdMessageIn = async (
  db: Kysely<CentralTables>,
  asked: StrangersMessage,
  clock: ClockAndIds,
): Promise<Held | NotHeld> => {
  const { chatId, groupId, sessionId, userId } = asked;
  await lockChat(db, chatId);
  const waiting = await waitingIn(db, { kind: "sender", chatId, userId }, clock.now());
  if (waiting !== undefined) return (await holdLater(db, waiting, asked)) ?? "sender-waits";
  if (!(await hasApprover(db, [groupId])) || (await isFull(db, groupId))) return "not-asked";
  const args = { user: userId, group: groupId };
  const consequence = messageLines(asked);
  const question = { kind: "sender", command: "members add", args, scope: "group", consequence } as const;
  return askAbout(db, asked, { ...question, chatId, of: { groupId, sessionId } }, clock);
};

const messageLines = (asked: StrangersMessage): readonly string[] => [
  ...linesOfText(asked, asked.chatName),
  `Approved, ${asked.userId} is a member of ${asked.groupName}, and the message is passed on.`,
  `Rejected, no message of ${asked.userId} in this chat is passed on, and the host does not ask again.`,
];

/** A message to the bot in a chat that no group answers in. The chat may have no row yet. */
export type UnwiredMessage = HeldText & {
  readonly channelType: string;
  readonly platformId: string;
  readonly instance: string;
  readonly isDirect: boolean;
  readonly chatName?: string | undefined;
};

/** A chat as an approver reads it: by the operator's name for it, or by its id, with the name that its people gave it. */
export const chatLabel = (
  name: string | null,
  { channelType, platformId, chatName }: Pick<UnwiredMessage, "channelType" | "platformId" | "chatName">,
): string => {
  const id = `${channelType} ${platformId}`;
  return name ?? (chatName === undefined ? id : `${JSON.stringify(chatName)} (${id})`);
};

/** Why the host does not ask about a chat. */
export type ChatNotHeld =
  /** A question about this chat is pending, and `mostLater` messages wait behind it. */
  | "chat-waits"
  /** A person refused agents in this chat. */
  | "chat-refused"
  /** There is no group, no person who may answer, or too many chats are pending. */
  | "not-wired"
  /** The message is too long for a person to read in a question. */
  | "too-long";

/**
 * Has a message wait until a person answers which group, if any, is to answer in its chat: one question per chat.
 * Idempotent by the message's id. `wired`: a group already answers in the chat.
 */
export const holdChat = (
  db: Kysely<CentralTables>,
  asked: UnwiredMessage,
  clock: ClockAndIds,
): Promise<Held | "wired" | ChatNotHeld> =>
  db.transaction().execute((transaction) => holdChatIn(transaction, asked, clock));

const holdChatIn = async (
  db: Kysely<CentralTables>,
  asked: UnwiredMessage,
  clock: ClockAndIds,
): Promise<Held | "wired" | ChatNotHeld> => {
  const [group] = await wirableGroups(db, 1);
  if (group === undefined || !(await hasApprover(db, "all"))) return "not-wired";
  const chat = await chatOf(db, asked, clock);
  const waiting = await waitingIn(db, { kind: "chat", chatId: chat.id }, clock.now());
  if (waiting !== undefined) return (await holdLater(db, waiting, asked)) ?? "chat-waits";
  if (await isWired(db, chat.id)) return "wired";
  if (chat.refused_at !== null) return "chat-refused";
  if (await isFull(db, null)) return "not-wired";
  const args = { chat: chat.id, user: asked.userId };
  const consequence = chatLines(asked, chatLabel(chat.name, asked));
  const question = { kind: "chat", command: "wirings create", args, scope: "global", consequence } as const;
  return askAbout(db, asked, { ...question, chatId: chat.id, of: null }, clock);
};

type Chat = { readonly id: string; readonly name: string | null; readonly refused_at: string | null };

/** Finds or makes the chat. The update locks its row, so that another host that asks about it waits. */
const chatOf = async (
  db: Kysely<CentralTables>,
  { channelType, platformId, instance, isDirect, userId }: UnwiredMessage,
  clock: ClockAndIds,
): Promise<Chat> => {
  const place = { channel_type: channelType, platform_id: platformId, instance };
  await db
    .insertInto("messaging_groups")
    .values({
      ...place,
      id: clock.id("mg"),
      name: null,
      created_at: clock.now(),
      ...(isDirect ? { is_group: 0, user_id: userId } : { is_group: 1, user_id: null }),
      // The host also asks about other unknown people who mention the bot in this chat.
      unknown_sender_policy: "request_approval",
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return db
    .updateTable("messaging_groups")
    .set(({ ref }) => ({ refused_at: ref("refused_at") }))
    .where("channel_type", "=", channelType)
    .where("platform_id", "=", platformId)
    .where("instance", "=", instance)
    .returning(["id", "name", "refused_at"])
    .executeTakeFirstOrThrow();
};

/** Locks the chat's row, so that another host that releases the same message does not ask a second time. */
const lockChat = async (db: Kysely<CentralTables>, chatId: string): Promise<void> => {
  await db
    .updateTable("messaging_groups")
    .set(({ ref }) => ({ refused_at: ref("refused_at") }))
    .where("id", "=", chatId)
    .execute();
};

const isWired = async (db: Kysely<CentralTables>, chatId: string): Promise<boolean> => {
  const wiring = db
    .selectFrom("messaging_group_agents")
    .select("id")
    .where("messaging_group_id", "=", chatId);
  return (await wiring.executeTakeFirst()) !== undefined;
};

const chatLines = (asked: UnwiredMessage, name: string): readonly string[] => [
  ...linesOfText(asked, name),
  `Approved, the group answers in this chat ${asked.isDirect ? "to every message" : "where it is named"}, ` +
    `${asked.userId} is a member of it, and the message is passed on.`,
  "If you reject, the host drops messages of this chat and does not ask again.",
];

/** The groups that a chat can be wired to, the oldest first. An approver may choose any of them. */
export const wirableGroups = (
  db: Kysely<CentralTables>,
  limit: number,
): Promise<readonly { readonly id: string; readonly name: string }[]> =>
  db
    .selectFrom("agent_groups")
    .select(["id", "name"])
    .orderBy("created_at")
    .orderBy("id")
    .limit(limit)
    .execute();

/** The question to a person about the message. */
type Question = {
  readonly kind: "sender" | "chat";
  /** The effect of an approval, in the words of `ncl`. */
  readonly command: string;
  readonly args: Args;
  readonly scope: "group" | "global";
  readonly chatId: string;
  /** Null for a chat that no group answers in. */
  readonly of: { readonly groupId: string; readonly sessionId: string } | null;
  readonly consequence: readonly string[];
};

/** Writes the question about a message, for which the message waits. */
const askAbout = async (
  db: Kysely<CentralTables>,
  { messageId, userId, userName, hold }: HeldText,
  question: Question,
  clock: ClockAndIds,
): Promise<"held" | "claimed" | "too-long"> => {
  const { kind, command, args, scope, of, chatId } = question;
  const consequence = JSON.stringify(question.consequence);
  if (consequence.length > longestText) return "too-long";
  const created_at = clock.now();
  const expiresAt = expiryOf(created_at);
  const approval_id = clock.id("ap");
  if ((await hold(db, { approvalId: approval_id, most })) === "claimed") return "claimed";
  const actor = of ?? { groupId: "", sessionId: "" };
  const canonical = canonicalText(command, args);
  await db
    .insertInto("pending_approvals")
    .values({
      approval_id,
      session_id: of?.sessionId ?? null,
      agent_group_id: of?.groupId ?? null,
      kind,
      scope,
      command,
      args: JSON.stringify(args),
      shown: JSON.stringify(args),
      consequence,
      digest: digestOf({ canonical, consequence, preview: null, actor, scope, expiresAt }),
      status: "pending",
      created_at,
      expires_at: expiresAt,
      message_id: messageId,
      messaging_group_id: chatId,
      sender_id: userId,
      sender_name: userName,
    })
    .execute();
  return "held";
};

type Waiting = Pick<ApprovalRow, "approval_id" | "message_id">;

/** Has a message wait behind the one that approvers read. Null if as many as possible do. */
const holdLater = async (
  db: Kysely<CentralTables>,
  { approval_id: approvalId, message_id }: Waiting,
  { messageId, hold }: HeldText,
): Promise<Held | null> => {
  const held = await hold(db, { approvalId, most });
  if (held !== "held") return held === "full" ? null : held;
  return message_id === messageId ? "held" : "held-later";
};

/** The pending question of this kind about the chat; with `userId`, only about this user. */
const waitingIn = (
  db: Kysely<CentralTables>,
  { kind, chatId, userId }: Pick<Question, "kind" | "chatId"> & { readonly userId?: string },
  now: string,
): Promise<Waiting | undefined> =>
  db
    .selectFrom("pending_approvals")
    .select(["approval_id", "message_id"])
    .where("messaging_group_id", "=", chatId)
    .$if(userId !== undefined, (query) => query.where("sender_id", "=", userId ?? ""))
    .where("kind", "=", kind)
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .executeTakeFirst();

/** The message as an approver reads it. */
const linesOfText = ({ userId, userName, text }: HeldText, chatName: string): readonly string[] => [
  `From: ${userName === null ? userId : `${JSON.stringify(userName)} (${userId})`}, in the chat ${chatName}.`,
  ...quotedLines(text),
];
