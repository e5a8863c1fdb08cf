import { sql, type Expression, type ExpressionBuilder, type Kysely, type SqlBool } from "kysely";
import { parseJson } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";

type Db = Kysely<CentralTables>;

/** A direct chat of the person. */
export type OwnChat = { readonly id: string; readonly channel: string; readonly platformId: string };

/** Deletes a person, within the transaction of a command. */
export type Person = {
  /** True if the host has no other owner. */
  readonly isOnlyOwner: () => Promise<boolean>;
  readonly ownChats: () => Promise<readonly OwnChat[]>;
  /**
   * Ends what waits for the person, also in these chats, and deletes the row with roles and memberships. False if there is no
   * row.
   */
  readonly forget: (chats: readonly OwnChat[]) => Promise<boolean>;
  /** Removes the words of the person from all messages that ended. Call it after `forget`. */
  readonly erase: (chats: readonly OwnChat[]) => Promise<Erased>;
};

export type Erased = {
  /** Messages of the person, and those to their own chats. */
  readonly chat_messages: number;
  readonly session_messages: number;
  /** Messages that an agent has not finished. Their words stay: the agent would get another message than it has begun. */
  readonly in_work: number;
};

/** The words in place of a message that was erased. The row stays, so that its id is not taken in twice. */
const erasedText = "(erased)";

export const personIn = (db: Db, userId: string, now: string): Person => ({
  isOnlyOwner: () => isOnlyOwner(db, userId),
  ownChats: () => ownChats(db, userId),
  forget: (chats) => forget(db, userId, { chats, now }),
  erase: async (chats) => {
    const sessions = await eraseInSessions(db, userId, chats);
    const atMessengers = await eraseAtMessengers(db, chats);
    return { chat_messages: (await eraseInChats(db, userId, chats)) + atMessengers, ...sessions };
  },
});

const isOnlyOwner = async (db: Db, userId: string): Promise<boolean> => {
  const owners = await db
    .selectFrom("user_roles")
    .select("user_id")
    .where("role", "=", "owner")
    .where("agent_group_id", "is", null)
    .execute();
  return owners.length > 0 && owners.every(({ user_id }) => user_id === userId);
};

const ownChats = (db: Db, userId: string): Promise<readonly OwnChat[]> =>
  db
    .selectFrom("messaging_groups")
    .select(["id", "channel_type as channel", "platform_id as platformId"])
    .where("user_id", "=", userId)
    .orderBy("id")
    .execute();

const forget = async (
  db: Db,
  userId: string,
  { chats, now }: { readonly chats: readonly OwnChat[]; readonly now: string },
): Promise<boolean> => {
  // Approving it later would make the person known again.
  await db
    .updateTable("pending_approvals")
    .set({
      status: "expired",
      answered_at: now,
      result: JSON.stringify({ reason: "The person was deleted." }),
    })
    .where("status", "=", "pending")
    .where("sender_id", "=", userId)
    .execute();
  await db.deleteFrom("approval_cards").where("user_id", "=", userId).execute();
  // A message that no host has taken in yet would come from a stranger; one may wait behind a question about another.
  const open = (eb: ExpressionBuilder<CentralTables, "local_messages">) =>
    eb.and([eb("user_id", "=", userId), eb("direction", "=", "in"), eb("routed_at", "is", null)]);
  await db
    .deleteFrom("session_files")
    .where("box", "=", "chat-in")
    .where(({ eb, selectFrom }) =>
      eb("message_id", "in", selectFrom("local_messages").select("local_messages.id").where(open)),
    )
    .execute();
  await db.updateTable("local_messages").set({ routed_at: now, waits_for: null }).where(open).execute();
  const routed = { routed_at: now, content: "", waits_for: null, user_id: null };
  await db.updateTable("messenger_updates").set(routed).where("user_id", "=", userId).execute();
  for (const { channel, platformId } of chats)
    await db
      .updateTable("messenger_updates")
      .set(routed)
      .where("type", "=", channel)
      .where("chat", "=", platformId)
      .where("routed_at", "is", null)
      .execute();
  const gone = await db.deleteFrom("users").where("id", "=", userId).executeTakeFirst();
  return gone.numDeletedRows > 0n;
};

const eraseInChats = async (db: Db, userId: string, chats: readonly OwnChat[]): Promise<number> => {
  const local = chats.filter(({ channel }) => channel === "local").map(({ platformId }) => platformId);
  const theirs = (eb: ExpressionBuilder<CentralTables, "local_messages">) =>
    eb.or([eb("user_id", "=", userId), within("platform_id", local)]);
  await db
    .deleteFrom("session_files")
    .where("box", "in", ["chat-in", "chat-out"])
    .where(({ eb, selectFrom }) =>
      eb("message_id", "in", selectFrom("local_messages").select("local_messages.id").where(theirs)),
    )
    .execute();
  const { numUpdatedRows } = await db
    .updateTable("local_messages")
    .set({ text: erasedText, from_name: null, user_id: null, card: null, files: null })
    .where(theirs)
    .executeTakeFirst();
  await db
    .updateTable("pending_approvals")
    .set({ sender_name: null })
    .where("sender_id", "=", userId)
    .execute();
  await db
    .updateTable("dropped_messages")
    .set({ user_id: null, sender_name: null })
    .where("user_id", "=", userId)
    .execute();
  return Number(numUpdatedRows);
};

/** Removes the parts of messages to the person's chats. The rows stay, so that none is sent twice. */
const eraseAtMessengers = async (db: Db, chats: readonly OwnChat[]): Promise<number> => {
  let erased = 0;
  for (const { channel, platformId } of chats) {
    const { numUpdatedRows } = await db
      .updateTable("messenger_sends")
      .set({ content: "", card: null, card_id: null })
      .where("type", "=", channel)
      .where("chat", "=", platformId)
      .where("state", "in", ["sent", "uncertain"])
      .where("content", "!=", "")
      .executeTakeFirst();
    erased += Number(numUpdatedRows);
  }
  return erased;
};

const eraseInSessions = async (
  db: Db,
  userId: string,
  chats: readonly OwnChat[],
): Promise<Pick<Erased, "session_messages" | "in_work">> => {
  const sender = JSON.stringify({ sender: userId }).slice(1, -1);
  const places = chats.map(({ platformId }) => platformId);
  const found = await db
    .selectFrom("session_messages_in")
    .select(["session_id", "id", "status", "told", "content"])
    .where("kind", "=", "chat")
    .where((eb) =>
      eb.or([
        eb(sql<number>`length(replace(content, ${sender}, ''))`, "<", sql<number>`length(content)`),
        within("platform_id", places),
      ]),
    )
    .execute();
  const theirs = found.filter(
    ({ content }) => (parseJson(content) as { sender?: unknown } | null)?.sender === userId,
  );
  const ended = theirs.filter(({ status, told }) => status !== "pending" && told === 1);
  for (const { session_id, id } of ended) {
    await db
      .updateTable("session_messages_in")
      .set({ content: JSON.stringify({ text: erasedText }) })
      .where("session_id", "=", session_id)
      .where("id", "=", id)
      .execute();
    await db
      .deleteFrom("session_files")
      .where("session_id", "=", session_id)
      .where("box", "=", "in")
      .where("message_id", "=", id)
      .execute();
  }
  const answers = await db
    .updateTable("session_messages_out")
    .set({ content: JSON.stringify({ text: erasedText }) })
    .where("status", "in", ["delivered", "failed"])
    .where(within("platform_id", places))
    .executeTakeFirst();
  // The messages of a deleted session are deleted with it, once its container has ended.
  const left = new Set((await db.selectFrom("sessions").select("id").execute()).map(({ id }) => id));
  const inWork = theirs.filter((row) => !ended.includes(row) && left.has(row.session_id));
  return { session_messages: ended.length + Number(answers.numUpdatedRows), in_work: inWork.length };
};

/** No row for an empty list, which SQL does not accept. */
const within = (column: "platform_id", values: readonly string[]): Expression<SqlBool> =>
  values.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`;
