import { sql, type Kysely } from "kysely";

/** Messages of sessions, the values and tokens of their agents, and the files of messages. */
export const createMessageTables = async <Tables>(anyDb: Kysely<Tables>): Promise<void> => {
  // Kysely's type is not covariant in its tables.
  const db = anyDb as unknown as Kysely<unknown>;
  await createTransport(db);
  await createMessagesIn(db);
  await createMessagesOut(db);
  await createFiles(db);
  for (const { name, table, columns, where } of indexes) {
    const index = db.schema.createIndex(name).on(table).columns(columns);
    await index.where(sql<boolean>`${sql.raw(where)}`).execute();
  }
};

const createTransport = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("session_transport")
    .addColumn("session_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("token", "integer", (token) => token.notNull())
    .addColumn("seq", "integer", (seq) => seq.notNull())
    .addColumn("incarnation", "integer", (incarnation) => incarnation.notNull())
    .addColumn("projection", "text")
    .addColumn("tool", "text")
    .execute();
  await db.schema
    .createTable("session_values")
    .addColumn("session_id", "text", (id) => id.notNull())
    .addColumn("key", "text", (key) => key.notNull())
    .addColumn("value", "text", (value) => value.notNull())
    .addColumn("updated_at", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("session_values_key", ["session_id", "key"])
    .execute();
  await db.schema
    .createTable("session_tokens")
    .addColumn("hash", "text", (hash) => hash.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.notNull())
    .addColumn("incarnation", "integer", (incarnation) => incarnation.notNull())
    .addColumn("gateway_hash", "text")
    .addColumn("vendor_trouble", "text")
    .addColumn("vendor_trouble_since", "text")
    .execute();
  await db.schema.createIndex("session_tokens_session").on("session_tokens").column("session_id").execute();
  await db.schema
    .createIndex("session_tokens_gateway_hash")
    .on("session_tokens")
    .column("gateway_hash")
    .unique()
    .execute();
};

const createMessagesIn = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("session_messages_in")
    .addColumn("session_id", "text", (id) => id.notNull())
    .addColumn("id", "text", (id) => id.notNull())
    .addColumn("seq", "integer", (seq) => seq.notNull())
    .addColumn("kind", "text", (kind) => kind.notNull())
    .addColumn("timestamp", "text", (at) => at.notNull())
    .addColumn("content", "text", (json) => json.notNull())
    .addColumn("channel_type", "text")
    .addColumn("platform_id", "text")
    .addColumn("thread_id", "text")
    .addColumn("source_session_id", "text")
    .addColumn("trigger", "integer", (flag) => flag.notNull())
    .addColumn("on_wake", "integer", (flag) => flag.notNull())
    .addColumn("wake_incarnation", "integer", (incarnation) => incarnation.notNull())
    .addColumn("process_after", "text")
    .addColumn("tries", "integer", (tries) => tries.notNull())
    .addColumn("status", "text", (status) => status.notNull())
    .addColumn("reason", "text")
    .addColumn("claimed_at", "text")
    .addColumn("claimed_by", "integer")
    .addColumn("batch", "text")
    .addColumn("batch_place", "integer")
    .addColumn("ended_by", "integer")
    .addColumn("told", "integer", (flag) => flag.notNull())
    .addPrimaryKeyConstraint("session_messages_in_key", ["session_id", "id"])
    .addUniqueConstraint("session_messages_in_seq", ["session_id", "seq"])
    .addCheckConstraint("session_messages_in_status", sql`status in ('pending', 'completed', 'failed')`)
    .execute();

const createMessagesOut = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("session_messages_out")
    .addColumn("session_id", "text", (id) => id.notNull())
    .addColumn("id", "text", (id) => id.notNull())
    .addColumn("seq", "integer", (seq) => seq.notNull())
    .addColumn("in_reply_to", "text")
    .addColumn("kind", "text", (kind) => kind.notNull())
    .addColumn("timestamp", "text", (at) => at.notNull())
    .addColumn("content", "text", (json) => json.notNull())
    .addColumn("channel_type", "text")
    .addColumn("platform_id", "text")
    .addColumn("thread_id", "text")
    .addColumn("deliver_after", "text")
    .addColumn("status", "text", (status) => status.notNull())
    .addColumn("platform_message_id", "text")
    .addColumn("settled_at", "text")
    .addColumn("answer", "text")
    .addPrimaryKeyConstraint("session_messages_out_key", ["session_id", "id"])
    .addUniqueConstraint("session_messages_out_seq", ["session_id", "seq"])
    .addCheckConstraint(
      "session_messages_out_status",
      sql`status in ('pending', 'claimed', 'delivered', 'failed')`,
    )
    .execute();

/** PostgreSQL needs `bytea`; SQLite stores bytes unchanged in a column of any type. */
const createFiles = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("session_files")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.notNull())
    .addColumn("box", "text", (box) => box.notNull())
    .addColumn("message_id", "text", (id) => id.notNull())
    .addColumn("name", "text", (name) => name.notNull())
    .addColumn("bytes", "integer", (bytes) => bytes.notNull())
    .addColumn("is_whole", "integer", (flag) => flag.notNull())
    .addColumn("expires_at", "text")
    .addColumn("sender_group_id", "text")
    .addCheckConstraint("session_files_box", sql`box in ('in', 'out', 'chat-in', 'chat-out')`)
    .execute();
  await db.schema
    .createTable("session_file_chunks")
    .addColumn("file_id", "text", (id) => id.notNull().references("session_files.id").onDelete("cascade"))
    .addColumn("n", "integer", (n) => n.notNull())
    .addColumn("content", "bytea", (content) => content.notNull())
    .addPrimaryKeyConstraint("session_file_chunks_key", ["file_id", "n"])
    .execute();
  await db.schema
    .createIndex("session_files_message")
    .on("session_files")
    .columns(["session_id", "box", "message_id", "name"])
    .unique()
    .where(sql<boolean>`is_whole = 1`)
    .execute();
  await db.schema
    .createIndex("session_files_expiring")
    .on("session_files")
    .column("expires_at")
    .where(sql<boolean>`expires_at is not null`)
    .execute();
  await db.schema
    .createIndex("session_files_sender")
    .on("session_files")
    .columns(["sender_group_id", "bytes"])
    .where(sql<boolean>`sender_group_id is not null`)
    .execute();
};

/** Every query of the store uses one of these indexes, so that its work does not grow with history. */
const indexes: readonly {
  readonly name: string;
  readonly table: string;
  readonly columns: string[];
  readonly where: string;
}[] = [
  {
    name: "session_messages_in_next",
    table: "session_messages_in",
    columns: ["session_id", "trigger", "seq"],
    where: "status = 'pending' and kind <> 'system'",
  },
  {
    name: "session_messages_in_wake",
    table: "session_messages_in",
    columns: ["session_id", "seq"],
    where: "status = 'pending' and on_wake = 1",
  },
  {
    name: "session_messages_in_system",
    table: "session_messages_in",
    columns: ["session_id", "seq"],
    where: "status = 'pending' and kind = 'system'",
  },
  {
    name: "session_messages_in_due",
    table: "session_messages_in",
    columns: ["session_id", "process_after"],
    where: "status = 'pending' and trigger = 1",
  },
  {
    name: "session_messages_in_claims",
    table: "session_messages_in",
    columns: ["session_id", "claimed_at"],
    where: "claimed_at is not null",
  },
  {
    name: "session_messages_in_untold",
    table: "session_messages_in",
    columns: ["session_id", "seq"],
    where: "told = 0",
  },
  {
    name: "session_messages_in_source",
    table: "session_messages_in",
    columns: ["session_id", "platform_id", "seq"],
    where: "source_session_id is not null",
  },
  {
    name: "session_messages_out_open",
    table: "session_messages_out",
    columns: ["session_id", "seq"],
    where: "status in ('pending', 'claimed')",
  },
];
