import { sql, type Kysely, type Selectable } from "kysely";
import type { Awaited, Hold } from "@gatehouse/approvals";
import { waitsForNobody, type CentralTables } from "@gatehouse/central-database";
import { orderedEnd } from "./frames.ts";

type Database = Kysely<CentralTables>;

/** A chat, up to one of its places. */
export type ChatPart = { readonly chat: string; readonly upTo: number };

/** A message of the transcript. */
export type TranscriptLine = Selectable<CentralTables["local_messages"]>;

/** A message to write; its place in the chat is set by the database. */
export type NewLine = Omit<TranscriptLine, "seq" | "waits_for">;

/** Messages of one read. */
const batch = 20;

/** Most tries to get the next place of a chat to which several hosts write. */
const mostTries = 100;

/**
 * Writes a message at the end of its chat. If the id is known, writes nothing and returns the existing row,
 * which may be another message with that id.
 */
export const addLine = async (db: Database, line: NewLine): Promise<TranscriptLine> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    await insert(db, line);
    const there = await findLine(db, line.id);
    if (there !== null) return there;
    // Another host took the place. Its transaction is committed, so the next try finds the following place.
  }
  throw new Error(`No place in the chat ${line.platform_id} after ${mostTries} tries.`);
};

const insert = (db: Database, line: NewLine): Promise<unknown> =>
  sql`
  insert into local_messages
    (id, seq, platform_id, direction, user_id, from_name, text, in_reply_to, card, files, failed, routed_at, at)
  select ${line.id}, coalesce(max(seq), 0) + 1, ${line.platform_id}, ${line.direction}, ${line.user_id},
    ${line.from_name}, ${line.text}, ${line.in_reply_to}, ${line.card},
    ${line.files}, cast(${line.failed} as integer),
    ${line.routed_at}, ${line.at}
  from local_messages where platform_id = ${line.platform_id}
  on conflict do nothing`.execute(db);

/** The last place of a chat; 0 for an empty one. */
export const lastSeq = async (db: Database, platformId: string): Promise<number> => {
  const { last } = await db
    .selectFrom("local_messages")
    .select(({ fn }) => fn.max<number | null>("seq").as("last"))
    .where("platform_id", "=", platformId)
    .executeTakeFirstOrThrow();
  return last ?? 0;
};

/** The last place of each chat that has a message to show. Chats without one are left out. */
export const lastOut = async (
  db: Database,
  chats: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const values = sql.join(chats.map((chat) => sql`(${chat})`));
  // A subquery for each chat, because `group by` would read all of their messages.
  const { rows } = await sql<{ chat: string; last: number | null }>`
    select asked.column1 as chat, (select max(seq) from local_messages
      where platform_id = asked.column1 and direction = 'out') as last
    from (values ${values}) as asked`.execute(db);
  return new Map(rows.flatMap(({ chat, last }) => (last === null ? [] : [[chat, last] as const])));
};

/** The next messages to a chat, in order. */
export const outAfter = (db: Database, platformId: string, seq: number): Promise<readonly TranscriptLine[]> =>
  db
    .selectFrom("local_messages")
    .selectAll()
    .where("platform_id", "=", platformId)
    .where("seq", ">", seq)
    .where("direction", "=", "out")
    .orderBy("seq")
    .limit(batch)
    .execute();

/** Past messages of a chat, up to a place. */
const past = (db: Database, platformId: string, upTo: number) =>
  db
    .selectFrom("local_messages")
    .where("platform_id", "=", platformId)
    .where("seq", "<=", upTo)
    .where("id", "not like", `${orderedEnd}%`);

/** The number of the last messages of a chat, at most `count`, and the place of the first one. */
export const lastOf = async (
  db: Database,
  { chat, upTo }: ChatPart,
  count: number,
): Promise<{ readonly count: number; readonly first: number }> => {
  const last = past(db, chat, upTo).select("seq").orderBy("seq", "desc").limit(count);
  const found = await db
    .selectFrom(last.as("last"))
    .select(({ fn }) => [
      fn.countAll<number | string>().as("count"),
      fn.min<number | null>("seq").as("first"),
    ])
    .executeTakeFirstOrThrow();
  return { count: Number(found.count), first: found.first ?? 0 };
};

/** The next past messages of a chat, in both directions and in order. */
export const pastFrom = (
  db: Database,
  { chat, upTo }: ChatPart,
  first: number,
): Promise<readonly TranscriptLine[]> =>
  past(db, chat, upTo).selectAll().where("seq", ">=", first).orderBy("seq").limit(batch).execute();

/** The cards of a chat whose question is still open. */
export const openCards = (
  db: Database,
  platformId: string,
  userId: string,
  now: string,
): Promise<TranscriptLine[]> =>
  db
    .selectFrom("approval_cards")
    .innerJoin("local_messages", "local_messages.id", "approval_cards.message_id")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "approval_cards.approval_id")
    .selectAll("local_messages")
    .where("approval_cards.closed_at", "is", null)
    .where("approval_cards.user_id", "=", userId)
    .where("approval_cards.channel_type", "=", "local")
    .where("local_messages.platform_id", "=", platformId)
    .where("pending_approvals.status", "=", "pending")
    .where("pending_approvals.expires_at", ">", now)
    .orderBy("local_messages.seq")
    .execute();

const waiting = (db: Database) =>
  db
    .selectFrom("local_messages")
    .where("direction", "=", "in")
    .where("routed_at", "is", null)
    .where(waitsForNobody);

/**
 * Chats with people's messages that no host has stored in a session yet; with `at`, only messages from before
 * that time.
 */
export const chatsWaiting = async (db: Database, at?: string): Promise<readonly string[]> => {
  const rows = await waiting(db)
    .select("platform_id")
    .$if(at !== undefined, (query) => query.where("at", "<", at ?? ""))
    .distinct()
    .execute();
  return rows.map(({ platform_id }) => platform_id);
};

/** Chats with people's messages whose question has an answer, or is gone. */
export const chatsAnswered = async (db: Database): Promise<readonly string[]> => {
  const rows = await waiting(db)
    .select("platform_id")
    .where("waits_for", "is not", null)
    .distinct()
    .execute();
  return rows.map(({ platform_id }) => platform_id);
};

/** The next of these messages in a chat, in order. */
export const nextWaiting = (db: Database, platformId: string): Promise<readonly TranscriptLine[]> =>
  waiting(db).selectAll().where("platform_id", "=", platformId).orderBy("seq").limit(batch).execute();

/** The message with this id, in any chat; null if there is none. */
export const findLine = async (db: Database, id: string): Promise<TranscriptLine | null> =>
  (await db.selectFrom("local_messages").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;

/** True if a person's message waits for a host; null if the id is unknown. */
export const isWaiting = async (db: Database, id: string): Promise<boolean | null> => {
  const line = await findLine(db, id);
  return line === null ? null : line.routed_at === null;
};

/** True if a message with this id was sent to one of these chats. */
export const isSentTo = async (db: Database, id: string, chats: readonly string[]): Promise<boolean> => {
  const line = await findLine(db, id);
  return line !== null && line.direction === "out" && chats.includes(line.platform_id);
};

/**
 * Marks a message as handed over. False if it was marked already, or is not a person's message. With `waitsFor`, only if it
 * still waits for the same answer, or still for none.
 */
export const claimLine = async (
  db: Database,
  id: string,
  at: string,
  waitsFor?: string | null,
): Promise<boolean> => {
  const { numUpdatedRows } = await openLine(db, id)
    .set({ routed_at: at, waits_for: null })
    .$if(waitsFor !== undefined, (line) =>
      line.where("waits_for", waitsFor === null ? "is" : "=", waitsFor ?? null),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** Has a person's message wait for an answer. */
export const holdLine = async (db: Database, id: string, { approvalId, most }: Awaited): Promise<Hold> => {
  const { others } = await db
    .selectFrom("local_messages")
    .select(({ fn }) => fn.countAll().as("others"))
    .where("waits_for", "=", approvalId)
    .where("id", "!=", id)
    .executeTakeFirstOrThrow();
  if (Number(others) >= most) return "full";
  const { numUpdatedRows } = await openLine(db, id).set({ waits_for: approvalId }).executeTakeFirst();
  return numUpdatedRows > 0n ? "held" : "claimed";
};

/** A person's message that was not handed over. */
const openLine = (db: Database, id: string) =>
  db
    .updateTable("local_messages")
    .where("id", "=", id)
    .where("direction", "=", "in")
    .where("routed_at", "is", null);
