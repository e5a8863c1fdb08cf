import type { Kysely } from "kysely";
import { ok, type Result } from "@gatehouse/std";
import { ownDirectChat, type CentralTables } from "@gatehouse/central-database";
import { addChatDestination, type ClockAndIds, inTransaction } from "@gatehouse/command-context";

/** A person's direct-message chat, and its wiring to a group. */
export type WiredChat = {
  readonly messagingGroupId: string;
  readonly platformId: string;
  readonly wiringId: string;
  /** The name under which the agent sends to the chat. */
  readonly destination: string;
};

/** The chat to wire. */
export type DirectChat = {
  readonly userId: string;
  readonly groupId: string;
  /** The channel. */
  readonly kind: string;
  readonly platformId: string;
  /** The bot; empty for the first one of a channel. */
  readonly instance: string;
};

type Database = Kysely<CentralTables>;

/**
 * Wires a direct chat as `wireChat` does, in a transaction of its own. If another group already answers in
 * that chat, it wires the chat `further` instead, so that a person can have a chat with each of several
 * groups.
 */
export const wireDirectChat = (
  db: Database,
  clock: ClockAndIds,
  { further, ...chat }: DirectChat & { readonly further: string },
): Promise<Result<WiredChat, never>> =>
  inTransaction(db, async (transaction) => {
    const groups = await groupsIn(transaction, chat);
    const isFree = groups.length === 0 || groups.includes(chat.groupId);
    const platformId = isFree ? chat.platformId : further;
    return ok(await wireChat(transaction, { ...chat, platformId }, clock));
  });

const groupsIn = async (
  db: Database,
  { kind, platformId, instance }: Pick<DirectChat, "kind" | "platformId" | "instance">,
): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("messaging_groups")
    .innerJoin("messaging_group_agents", "messaging_group_agents.messaging_group_id", "messaging_groups.id")
    .select("agent_group_id")
    .where("channel_type", "=", kind)
    .where("platform_id", "=", platformId)
    .where("instance", "=", instance)
    .execute();
  return rows.map(({ agent_group_id }) => agent_group_id);
};

/** The groups that answer in a person's own chats of a channel, by their ids. Whether the person may still write there is not asked. */
export const groupsInChatsOf = async (
  db: Database,
  { userId, kind }: Pick<DirectChat, "userId" | "kind">,
): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("messaging_groups")
    .innerJoin("messaging_group_agents", "messaging_group_agents.messaging_group_id", "messaging_groups.id")
    .select("agent_group_id")
    .distinct()
    .where("channel_type", "=", kind)
    .where("user_id", "=", userId)
    .orderBy("agent_group_id")
    .execute();
  return rows.map(({ agent_group_id }) => agent_group_id);
};

/** Finds or makes a person's direct chat for messages of the host itself, without wiring it to a group. */
export const openDirectChat = (
  db: Database,
  clock: ClockAndIds,
  chat: Omit<DirectChat, "groupId">,
): Promise<Result<string, never>> =>
  inTransaction(db, async (transaction) => ok(await openChat(transaction, chat, clock)));

/** Finds or creates the chat, and wires it so that the group's agent gets every message. */
export const wireChat = async (
  db: Database,
  { groupId, ...chat }: DirectChat,
  clock: ClockAndIds,
): Promise<WiredChat> => {
  const created_at = clock.now();
  const messagingGroupId = await openChat(db, chat, clock);
  const wiring = { agent_group_id: groupId, messaging_group_id: messagingGroupId, created_at };
  const wiringId = (await wiringOf(db, wiring)) ?? (await addWiring(db, wiring, clock));
  const destination = await addChatDestination(db, wiring);
  return { messagingGroupId, platformId: chat.platformId, wiringId, destination };
};

/** Finds or creates the chat as one of the person. The host reaches the person there if they have no other on the channel. */
const openChat = async (
  db: Database,
  { userId, kind, platformId, instance }: Omit<DirectChat, "groupId">,
  clock: ClockAndIds,
): Promise<string> => {
  const created_at = clock.now();
  await db
    .insertInto("messaging_groups")
    .values({
      channel_type: kind,
      platform_id: platformId,
      instance,
      id: clock.id("mg"),
      name: null,
      is_group: 0,
      unknown_sender_policy: "strict",
      created_at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id: messagingGroupId } = await db
    .selectFrom("messaging_groups")
    .select("id")
    .where("channel_type", "=", kind)
    .where("platform_id", "=", platformId)
    .where("instance", "=", instance)
    .executeTakeFirstOrThrow();
  await ownDirectChat(db, messagingGroupId, userId);
  await db
    .insertInto("user_dms")
    .values({
      user_id: userId,
      channel_type: kind,
      messaging_group_id: messagingGroupId,
      resolved_at: created_at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return messagingGroupId;
};

type Wiring = Parameters<typeof addChatDestination>[1];

const wiringOf = async (
  db: Database,
  { agent_group_id, messaging_group_id }: Wiring,
): Promise<string | null> => {
  const there = await db
    .selectFrom("messaging_group_agents")
    .select("id")
    .where("agent_group_id", "=", agent_group_id)
    .where("messaging_group_id", "=", messaging_group_id)
    .executeTakeFirst();
  return there?.id ?? null;
};

const addWiring = async (db: Database, wiring: Wiring, clock: ClockAndIds): Promise<string> => {
  const id = clock.id("wi");
  await db
    .insertInto("messaging_group_agents")
    .values({
      ...wiring,
      id,
      engage_mode: "pattern",
      engage_pattern: ".",
      sender_scope: "all",
      ignored_message_policy: "drop",
      session_mode: "shared",
      priority: 0,
    })
    .execute();
  return id;
};
