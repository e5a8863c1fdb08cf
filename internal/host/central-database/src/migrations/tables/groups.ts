import { sql, type Kysely } from "kysely";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/** Agent groups, their chats, wirings and destinations. Deleting a group deletes its rows. */
export const createGroupTables = async (db: Kysely<unknown>): Promise<void> => {
  await createAgentGroups(db);
  await createMessagingGroups(db);
  await createWirings(db);
  await createDestinations(db);
};

const createAgentGroups = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("agent_groups")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("name", "text", (name) => name.notNull())
    .addColumn("folder", "text", (folder) => folder.notNull())
    .addColumn("created_at", "text", (at) => at.notNull())
    .execute();
  // On a file system that ignores case, `Team` and `team` are the same folder. Two groups must never share
  // one.
  await db.schema
    .createIndex("agent_groups_folder")
    .unique()
    .on("agent_groups")
    .expression(sql`lower(folder)`)
    .execute();
};

/**
 * Chats. `instance` is the bot in the chat, empty for the first bot of a platform. `refused_at` and
 * `refused_by` are the time and the author of a person's decision that no agent answers there. `user_id` has no
 * foreign key: a stranger has no row of `users`.
 */
const createMessagingGroups = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("messaging_groups")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("name", "text")
    .addColumn("is_group", "integer", (is) => is.notNull().defaultTo(0))
    .addColumn("user_id", "text")
    .addColumn("unknown_sender_policy", "text", (policy) => policy.notNull().defaultTo("strict"))
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("instance", "text", (instance) => instance.notNull().defaultTo(""))
    .addColumn("refused_at", "text")
    .addColumn("refused_by", "text")
    .addUniqueConstraint("messaging_groups_platform", ["channel_type", "platform_id", "instance"])
    .addCheckConstraint("messaging_groups_is_group", sql`is_group in (0, 1)`)
    .addCheckConstraint("messaging_groups_user", sql`user_id is null or is_group = 0`)
    .addCheckConstraint(
      "messaging_groups_policy",
      oneOf("unknown_sender_policy", ["strict", "request_approval", "decline_notify", "public"]),
    )
    .execute();
  await addIndex(db, "messaging_groups", ["user_id"]);
};

const createWirings = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("messaging_group_agents")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("messaging_group_id", "text", (id) =>
      id.notNull().references("messaging_groups.id").onDelete("cascade"),
    )
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("engage_mode", "text", (mode) => mode.notNull().defaultTo("mention"))
    .addColumn("engage_pattern", "text")
    .addColumn("sender_scope", "text", (scope) => scope.notNull().defaultTo("all"))
    .addColumn("ignored_message_policy", "text", (policy) => policy.notNull().defaultTo("drop"))
    .addColumn("session_mode", "text", (mode) => mode.notNull().defaultTo("shared"))
    .addColumn("priority", "integer", (priority) => priority.notNull().defaultTo(0))
    .addColumn("created_at", "text", (at) => at.notNull())
    .addUniqueConstraint("messaging_group_agents_pair", ["messaging_group_id", "agent_group_id"])
    .addCheckConstraint("wirings_engage_mode", oneOf("engage_mode", ["pattern", "mention", "mention-sticky"]))
    .addCheckConstraint("wirings_sender_scope", oneOf("sender_scope", ["all", "known"]))
    .addCheckConstraint("wirings_ignored", oneOf("ignored_message_policy", ["drop", "accumulate"]))
    .addCheckConstraint(
      "wirings_session_mode",
      oneOf("session_mode", ["shared", "per-thread", "agent-shared"]),
    )
    .execute();
  await addIndex(db, "messaging_group_agents", ["agent_group_id"]);
};

/**
 * `target_id` is a messaging group or an agent group, so it has no foreign key. Code that deletes either
 * clears these rows.
 */
const createDestinations = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("agent_destinations")
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("local_name", "text", (name) => name.notNull())
    .addColumn("target_type", "text", (type) => type.notNull())
    .addColumn("target_id", "text", (id) => id.notNull())
    .addColumn("created_at", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("agent_destinations_key", ["agent_group_id", "local_name"])
    .addCheckConstraint("agent_destinations_type", oneOf("target_type", ["channel", "agent"]))
    .execute();
  await addIndex(db, "agent_destinations", ["target_type", "target_id"]);
};
