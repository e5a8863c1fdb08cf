import type { Kysely } from "kysely";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";

/** Messages of strangers that wait for a person, and who was refused in which chat. */
export const heldMessages: Migration = {
  version: 13,
  name: "held-messages",
  up: async (db) => {
    await createHeldMessages(db);
    await createRefusedSenders(db);
  },
};

/** `ended_at` is null until the message was passed on, or its sender was told that it is not. */
const createHeldMessages = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("held_messages")
    .addColumn("approval_id", "text", (id) =>
      id.primaryKey().notNull().references("pending_approvals.approval_id").onDelete("cascade"),
    )
    .addColumn("message_id", "text", (id) => id.notNull())
    .addColumn("user_id", "text", (id) => id.notNull())
    .addColumn("sender_name", "text")
    .addColumn("messaging_group_id", "text", (id) =>
      id.notNull().references("messaging_groups.id").onDelete("cascade"),
    )
    .addColumn("message", "text", (message) => message.notNull())
    .addColumn("ended_at", "text")
    .execute();
  await addIndex(db, "held_messages", ["messaging_group_id", "user_id"]);
  await addIndex(db, "held_messages", ["ended_at", "approval_id"]);
};

/** No foreign key to users: a stranger who was refused has no row there. */
const createRefusedSenders = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("refused_senders")
    .addColumn("user_id", "text", (id) => id.notNull())
    .addColumn("messaging_group_id", "text", (id) =>
      id.notNull().references("messaging_groups.id").onDelete("cascade"),
    )
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("refused_by", "text", (by) => by.notNull())
    .addColumn("refused_at", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("refused_senders_key", ["user_id", "messaging_group_id", "agent_group_id"])
    .execute();
  await addIndex(db, "refused_senders", ["messaging_group_id"]);
  await addIndex(db, "refused_senders", ["agent_group_id"]);
};
