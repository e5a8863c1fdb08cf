import type { Kysely } from "kysely";
import { addIndex, addWaitsIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/**
 * The transcript of the channel `local`. `seq` counts the messages of one chat, from 1. `routed_at` is null while a
 * person's message waits; with `waits_for` it waits for the answer to that approval. `files` has names and sizes as JSON.
 */
export const createLocalMessages = async (db: Kysely<unknown>): Promise<void> => {
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
    .addColumn("files", "text")
    .addColumn("waits_for", "text")
    .addUniqueConstraint("local_messages_seq", ["platform_id", "seq"])
    .addCheckConstraint("local_messages_direction", oneOf("direction", ["in", "out"]))
    .execute();
  await addIndex(db, "local_messages", ["direction", "routed_at", "at", "id"]);
  await addIndex(db, "local_messages", ["platform_id", "direction", "routed_at", "seq"]);
  await addWaitsIndex(db, "local_messages");
};
