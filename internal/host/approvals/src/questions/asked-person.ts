import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { parseJson } from "@gatehouse/std";
import type { Actor } from "@nc/cli-scope";

type Database = Kysely<CentralTables>;

/** The person who sent a message; null if no person did, or if users.yaml does not list that person any more. */
export const senderOf = async (
  db: Database,
  sessionId: string,
  messageId: string,
): Promise<string | null> => {
  const message = await db
    .selectFrom("session_messages_in")
    .select("content")
    .where("session_id", "=", sessionId)
    .where("id", "=", messageId)
    .where("kind", "=", "chat")
    .where("source_session_id", "is", null)
    .executeTakeFirst();
  const { sender } = (parseJson(message?.content ?? "null") ?? {}) as { readonly sender?: unknown };
  return typeof sender === "string" && !(await isRefused(db, sender)) ? sender : null;
};

const isRefused = async (db: Database, userId: string): Promise<boolean> => {
  const row = await db
    .selectFrom("refused_people")
    .select("user_id")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row !== undefined;
};

/** Whether a question is for this actor, so that they may answer it without any role. */
export const isAskedPerson = async (db: Database, actor: Actor, approvalId: string): Promise<boolean> =>
  actor.type === "user" && (await askedUserId(db, approvalId)) === actor.userId;

/** The person for whom a question is; null for other approvals. */
export const askedUserId = async (db: Database, approvalId: string): Promise<string | null> => {
  const asked = await db
    .selectFrom("tool_requests")
    .select("asked_user_id")
    .where("approval_id", "=", approvalId)
    .executeTakeFirst();
  const userId = asked?.asked_user_id ?? null;
  return userId === null || (await isRefused(db, userId)) ? null : userId;
};

/** A person, and the chat and thread in which they have asked the agent. */
export type AskedPerson = {
  readonly userId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly threadId: string | null;
  readonly instance: string;
};

/** The person for whom a question is, in the chat of their message; null if there is none. */
export const askedPerson = async (db: Database, approvalId: string): Promise<AskedPerson | null> => {
  const userId = await askedUserId(db, approvalId);
  if (userId === null) return null;
  const chat = await db
    .selectFrom("tool_requests")
    .innerJoin("session_messages_in", (join) =>
      join
        .onRef("session_messages_in.session_id", "=", "tool_requests.session_id")
        .onRef("session_messages_in.id", "=", "tool_requests.message_id"),
    )
    .leftJoin("messaging_groups", (join) =>
      join
        .onRef("messaging_groups.channel_type", "=", "session_messages_in.channel_type")
        .onRef("messaging_groups.platform_id", "=", "session_messages_in.platform_id"),
    )
    .select(["session_messages_in.channel_type", "session_messages_in.platform_id", "thread_id", "instance"])
    .where("tool_requests.approval_id", "=", approvalId)
    .executeTakeFirst();
  if (chat === undefined || chat.channel_type === null || chat.platform_id === null) return null;
  const { channel_type: channelType, platform_id: platformId, thread_id: threadId, instance } = chat;
  return { userId, channelType, platformId, threadId, instance: instance ?? "" };
};
