import { sql, type Kysely } from "kysely";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/**
 * Agent groups, their wired chats, and the rights of people in them. Deleting a group deletes the rows that
 * belong to it.
 */
export const groupsAndPeople: Migration = {
  version: 1,
  name: "groups-and-people",
  up: async (db) => {
    await createAgentGroups(db);
    await createMessagingGroups(db);
    await createWirings(db);
    await createUsers(db);
    await createRoles(db);
    await createMembers(db);
    await createDestinations(db);
    await createUserDms(db);
    await createDroppedMessages(db);
  },
};

const createAgentGroups = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("agent_groups")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("name", "text", (name) => name.notNull())
    .addColumn("folder", "text", (folder) => folder.notNull())
    .addColumn("agent_provider", "text")
    .addColumn("created_at", "text", (at) => at.notNull())
    .execute();
  // A file system that ignores case has one folder for `Team` and `team`, and two groups must never share
  // one.
  await db.schema
    .createIndex("agent_groups_folder")
    .unique()
    .on("agent_groups")
    .expression(sql`lower(folder)`)
    .execute();
};

const createMessagingGroups = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("messaging_groups")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("name", "text")
    .addColumn("is_group", "integer", (is) => is.notNull().defaultTo(0))
    .addColumn("unknown_sender_policy", "text", (policy) => policy.notNull().defaultTo("strict"))
    .addColumn("created_at", "text", (at) => at.notNull())
    .addUniqueConstraint("messaging_groups_platform", ["channel_type", "platform_id"])
    .addCheckConstraint("messaging_groups_is_group", sql`is_group in (0, 1)`)
    .addCheckConstraint(
      "messaging_groups_policy",
      oneOf("unknown_sender_policy", ["strict", "request_approval", "decline_notify", "public"]),
    )
    .execute();
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

const createUsers = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("users")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("kind", "text", (kind) => kind.notNull())
    .addColumn("display_name", "text")
    .addColumn("created_at", "text", (at) => at.notNull())
    .execute();

const createRoles = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("user_roles")
    .addColumn("user_id", "text", (id) => id.notNull().references("users.id").onDelete("cascade"))
    .addColumn("role", "text", (role) => role.notNull())
    .addColumn("agent_group_id", "text", (id) => id.references("agent_groups.id").onDelete("cascade"))
    .addColumn("granted_by", "text", (id) => id.references("users.id").onDelete("set null"))
    .addColumn("granted_at", "text", (at) => at.notNull())
    .addUniqueConstraint("user_roles_in_group", ["user_id", "role", "agent_group_id"])
    .addCheckConstraint("user_roles_role", oneOf("role", ["owner", "admin"]))
    .execute();
  // Nulls are distinct in a unique constraint, so a role in all groups needs a constraint of its own.
  await db.schema
    .createIndex("user_roles_in_all_groups")
    .unique()
    .on("user_roles")
    .columns(["user_id", "role"])
    .where(sql<boolean>`agent_group_id is null`)
    .execute();
  await addIndex(db, "user_roles", ["agent_group_id", "role"]);
};

const createMembers = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("agent_group_members")
    .addColumn("user_id", "text", (id) => id.notNull().references("users.id").onDelete("cascade"))
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("added_by", "text", (id) => id.references("users.id").onDelete("set null"))
    .addColumn("added_at", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("agent_group_members_key", ["user_id", "agent_group_id"])
    .execute();
  await addIndex(db, "agent_group_members", ["agent_group_id"]);
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

const createUserDms = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("user_dms")
    .addColumn("user_id", "text", (id) => id.notNull().references("users.id").onDelete("cascade"))
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("messaging_group_id", "text", (id) =>
      id.notNull().references("messaging_groups.id").onDelete("cascade"),
    )
    .addColumn("resolved_at", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("user_dms_key", ["user_id", "channel_type"])
    .execute();
  await addIndex(db, "user_dms", ["messaging_group_id"]);
};

const createDroppedMessages = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("dropped_messages")
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("user_id", "text")
    .addColumn("sender_name", "text")
    .addColumn("reason", "text", (reason) => reason.notNull())
    .addColumn("messaging_group_id", "text", (id) =>
      id.references("messaging_groups.id").onDelete("set null"),
    )
    .addColumn("agent_group_id", "text", (id) => id.references("agent_groups.id").onDelete("set null"))
    .addColumn("message_count", "integer", (count) => count.notNull().defaultTo(1))
    .addColumn("first_seen", "text", (at) => at.notNull())
    .addColumn("last_seen", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("dropped_messages_key", ["channel_type", "platform_id"])
    .execute();
  await addIndex(db, "dropped_messages", ["last_seen"]);
  await addIndex(db, "dropped_messages", ["agent_group_id"]);
  await addIndex(db, "dropped_messages", ["messaging_group_id"]);
};
