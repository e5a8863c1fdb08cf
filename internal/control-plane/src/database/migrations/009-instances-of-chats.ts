import { PostgresAdapter, sql, type Kysely } from "kysely";
import type { Migration } from "../migration.ts";
import { oneOf } from "./one-of.ts";

/**
 * Several bots of one platform, each with its own chats: a chat is unique by its bot too. The bot is empty
 * where the platform has one. SQLite cannot change a constraint of a table, so the table is replaced.
 */
export const instancesOfChats: Migration = {
  version: 9,
  name: "instances-of-chats",
  replacesTable: true,
  up: async (db) => {
    if (db.getExecutor().adapter instanceof PostgresAdapter) await alterTable(db);
    else await replaceTable(db);
  },
};

const uniqueKey = ["channel_type", "platform_id", "instance"] as const;

const alterTable = async (db: Kysely<unknown>): Promise<void> => {
  const table = db.schema.alterTable("messaging_groups");
  await table.addColumn("instance", "text", (instance) => instance.notNull().defaultTo("")).execute();
  await table.dropConstraint("messaging_groups_platform").execute();
  await table.addUniqueConstraint("messaging_groups_platform", [...uniqueKey]).execute();
};

const replaceTable = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("messaging_groups_new")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("name", "text")
    .addColumn("is_group", "integer", (is) => is.notNull().defaultTo(0))
    .addColumn("unknown_sender_policy", "text", (policy) => policy.notNull().defaultTo("strict"))
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("instance", "text", (instance) => instance.notNull().defaultTo(""))
    .addUniqueConstraint("messaging_groups_platform", [...uniqueKey])
    .addCheckConstraint("messaging_groups_is_group", sql`is_group in (0, 1)`)
    .addCheckConstraint(
      "messaging_groups_policy",
      oneOf("unknown_sender_policy", ["strict", "request_approval", "decline_notify", "public"]),
    )
    .execute();
  await sql`
    insert into messaging_groups_new
      (id, channel_type, platform_id, name, is_group, unknown_sender_policy, created_at)
    select id, channel_type, platform_id, name, is_group, unknown_sender_policy, created_at
    from messaging_groups`.execute(db);
  await db.schema.dropTable("messaging_groups").execute();
  await db.schema.alterTable("messaging_groups_new").renameTo("messaging_groups").execute();
};
