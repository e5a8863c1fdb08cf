import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { FromPerson } from "@gatehouse/channels";
import type { RoutedChat, RoutedPerson, RoutedWiring, SessionMode, UnknownSenderPolicy } from "./route.ts";

type Db = Kysely<CentralTables>;

export type KnownChat = RoutedChat & {
  readonly id: string;
  readonly name: string | null;
  /** The person of a direct chat; null if no channel has told it yet. */
  readonly userId: string | null;
  /** A person decided that no agent answers here. It counts only while no group is wired. */
  readonly isRefused: boolean;
};

type ChatOfBot = Pick<FromPerson, "channelType" | "platformId" | "instance">;

/** The chat of a message; null if it is unknown. */
export const findChat = async (
  db: Db,
  { channelType, platformId, instance }: ChatOfBot,
): Promise<KnownChat | null> => {
  const row = await db
    .selectFrom("messaging_groups")
    .select(["id", "name", "is_group", "user_id", "unknown_sender_policy", "refused_at"])
    .where("channel_type", "=", channelType)
    .where("platform_id", "=", platformId)
    .where("instance", "=", instance)
    .executeTakeFirst();
  if (row === undefined) return null;
  const unknownSenderPolicy = row.unknown_sender_policy as UnknownSenderPolicy;
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    isGroup: row.is_group === 1,
    unknownSenderPolicy,
    isRefused: row.refused_at !== null,
  };
};

/** The wirings of a chat, in the form that routing needs. `threadId` is the message's. */
export const wiringsOf = async (
  db: Db,
  chatId: string,
  threadId: string | null,
): Promise<readonly RoutedWiring[]> => {
  const rows = await db
    .selectFrom("messaging_group_agents")
    .selectAll()
    .where("messaging_group_id", "=", chatId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const wirings: RoutedWiring[] = [];
  for (const row of rows) {
    const sessionMode = row.session_mode as SessionMode;
    const thread = sessionMode === "per-thread" ? threadId : null;
    const isEngaged =
      row.engage_mode === "mention-sticky" &&
      sessionMode !== "agent-shared" &&
      (await hasAnswered(db, row.agent_group_id, chatId, thread));
    wirings.push({
      id: row.id,
      groupId: row.agent_group_id,
      engageMode: row.engage_mode as RoutedWiring["engageMode"],
      engagePattern: row.engage_pattern,
      senderScope: row.sender_scope as RoutedWiring["senderScope"],
      ignoredMessagePolicy: row.ignored_message_policy as RoutedWiring["ignoredMessagePolicy"],
      sessionMode,
      priority: row.priority,
      isEngaged,
    });
  }
  return wirings;
};

/** A session that only kept context was never active. */
const hasAnswered = async (
  db: Db,
  groupId: string,
  chatId: string,
  thread: string | null,
): Promise<boolean> => {
  const row = await db
    .selectFrom("sessions")
    .select("id")
    .where("messaging_group_id", "=", chatId)
    .where("thread_id", thread === null ? "is" : "=", thread)
    .where("agent_group_id", "=", groupId)
    .where("status", "=", "active")
    .where("task_id", "is", null)
    .where("last_active", "is not", null)
    .executeTakeFirst();
  return row !== undefined;
};

/** Whether this host serves the person nowhere. */
export const isRefusedPerson = async (db: Db, userId: string): Promise<boolean> => {
  const query = db.selectFrom("refused_people").select("user_id").where("user_id", "=", userId);
  return (await query.executeTakeFirst()) !== undefined;
};

/** The rights of a sender in a chat. A role of owner that names a group gives no rights. */
export const personOf = async (db: Db, userId: string, chatId: string): Promise<RoutedPerson> => {
  const group = "agent_group_id as group" as const;
  // One query for each message instead of four.
  const rows = await db
    .selectFrom("user_roles")
    .select([group, "role as is"])
    .where("user_id", "=", userId)
    .unionAll(
      db
        .selectFrom("agent_group_members")
        .select([group, sql<string>`'member'`.as("is")])
        .where("user_id", "=", userId),
    )
    .unionAll(
      db
        .selectFrom("refused_senders")
        .select([group, sql<string>`'refused sender'`.as("is")])
        .where("user_id", "=", userId)
        .where("messaging_group_id", "=", chatId),
    )
    .unionAll(
      db
        .selectFrom("refused_people")
        .select([sql<string | null>`null`.as("group"), sql<string>`'refused'`.as("is")])
        .where("user_id", "=", userId),
    )
    .execute();
  const groupsAs = (...wanted: readonly string[]): ReadonlySet<string> =>
    new Set(rows.flatMap((row) => (wanted.includes(row.is) ? (row.group ?? []) : [])));
  const isOfAll = rows.some((row) => row.group === null && row.is !== "refused");
  return {
    isRefused: rows.some((row) => row.is === "refused"),
    refusedBy: groupsAs("refused sender"),
    knownIn: isOfAll ? "all" : groupsAs("admin", "member"),
  };
};

/** Counts a dropped message in the row of its chat. */
export const countDropped = async (
  db: Db,
  message: FromPerson,
  dropped: { readonly reason: string; readonly chatId: string | null; readonly groupId: string | null },
): Promise<void> => {
  const last = {
    user_id: message.userId,
    sender_name: message.userName,
    reason: dropped.reason,
    messaging_group_id: dropped.chatId,
    agent_group_id: dropped.groupId,
    last_seen: message.at,
  };
  await db
    .insertInto("dropped_messages")
    .values({
      ...last,
      channel_type: message.channelType,
      platform_id: message.platformId,
      message_count: 1,
      first_seen: message.at,
    })
    .onConflict((conflict) =>
      conflict.columns(["channel_type", "platform_id"]).doUpdateSet((eb) => ({
        ...last,
        message_count: eb("dropped_messages.message_count", "+", 1),
      })),
    )
    .execute();
};
