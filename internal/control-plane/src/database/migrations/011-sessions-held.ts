import { sql, type Kysely } from "kysely";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/**
 * What a host that runs sessions keeps: one active session for each group, chat and thread, its container, the
 * lease on it; people who are refused, the transcript of the channel `local`, and the cards of approvals.
 */
export const sessionsHeld: Migration = {
  version: 11,
  name: "sessions-held",
  up: async (db) => {
    await extendSessions(db);
    await createLeases(db);
    await createRefusedPeople(db);
    await createLocalMessages(db);
    await createApprovalCards(db);
    await db.schema
      .alterTable("pending_approvals")
      .addColumn("kind", "text", (kind) => kind.notNull().defaultTo("command"))
      .execute();
  },
};

const extendSessions = async (db: Kysely<unknown>): Promise<void> => {
  const sessions = db.schema.alterTable("sessions");
  await sessions.addColumn("incarnation", "integer", (count) => count.notNull().defaultTo(0)).execute();
  await sessions.addColumn("container_ref", "text").execute();
  await sessions.addColumn("image", "text").execute();
  // Nothing made sessions unique before. Of several the one that was active last goes on.
  await sql`
    update sessions set status = 'closed', container_status = 'stopped' where id in (
      select id from (
        select id, row_number() over (
          partition by agent_group_id, coalesce(messaging_group_id, ''), coalesce(thread_id, '')
          order by coalesce(last_active, created_at) desc, created_at desc, id desc
        ) as place
        from sessions where status = 'active'
      ) as ranked
      where place > 1
    )`.execute(db);
  // Nulls are distinct in a unique index, and a session without a chat or thread is one too.
  await sql`
    create unique index sessions_one_active
    on sessions (agent_group_id, (coalesce(messaging_group_id, '')), (coalesce(thread_id, '')))
    where status = 'active'`.execute(db);
};

/** The row stays when a lease is given back, so that its token only rises. */
const createLeases = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("session_leases")
    .addColumn("session_id", "text", (id) =>
      id.primaryKey().notNull().references("sessions.id").onDelete("cascade"),
    )
    .addColumn("owner", "text", (owner) => owner.notNull())
    .addColumn("token", "integer", (token) => token.notNull())
    .addColumn("expires_at", "text", (at) => at.notNull())
    .execute();
  await addIndex(db, "session_leases", ["owner", "expires_at"]);
};

/** No foreign key: somebody stays refused after their row of `users` is deleted. */
const createRefusedPeople = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("refused_people")
    .addColumn("user_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("refused_at", "text", (at) => at.notNull())
    .addColumn("reason", "text", (reason) => reason.notNull())
    .execute();

/** `seq` counts the messages of one chat, from 1. `routed_at` is null while a person's message waits. */
const createLocalMessages = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("local_messages")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("seq", "integer", (seq) => seq.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("direction", "text", (direction) => direction.notNull())
    .addColumn("user_id", "text")
    .addColumn("from_name", "text")
    .addColumn("text", "text", (text) => text.notNull())
    .addColumn("in_reply_to", "text")
    .addColumn("card", "text")
    .addColumn("failed", "integer", (failed) => failed.notNull().defaultTo(0))
    .addColumn("routed_at", "text")
    .addColumn("at", "text", (at) => at.notNull())
    .addUniqueConstraint("local_messages_seq", ["platform_id", "seq"])
    .addCheckConstraint("local_messages_direction", oneOf("direction", ["in", "out"]))
    .execute();
  await addIndex(db, "local_messages", ["direction", "routed_at", "at", "id"]);
  await addIndex(db, "local_messages", ["platform_id", "direction", "routed_at", "seq"]);
};

/** Where each approver was asked, so that the card can be closed there. */
const createApprovalCards = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("approval_cards")
    .addColumn("approval_id", "text", (id) =>
      id.notNull().references("pending_approvals.approval_id").onDelete("cascade"),
    )
    .addColumn("user_id", "text", (id) => id.notNull())
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("message_id", "text")
    .addColumn("sent_at", "text", (at) => at.notNull())
    .addColumn("closed_at", "text")
    .addPrimaryKeyConstraint("approval_cards_key", ["approval_id", "user_id"])
    .execute();
  // Cards that are still open.
  await addIndex(db, "approval_cards", ["closed_at", "approval_id"]);
};
