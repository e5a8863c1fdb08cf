import { sql, type Kysely } from "kysely";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/** People, their rights, and refused people. */
export const createPeopleTables = async (db: Kysely<unknown>): Promise<void> => {
  await createUsers(db);
  await createRoles(db);
  await createMembers(db);
  await createUserDms(db);
  await createFileUsers(db);
  await createRefusedPeople(db);
  await createRefusedSenders(db);
  await createDroppedMessages(db);
};

const createUsers = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("users")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("kind", "text", (kind) => kind.notNull())
    .addColumn("display_name", "text")
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("max_requests_per_day", "double precision")
    .addColumn("max_tokens_per_day", "double precision")
    .addColumn("max_cost_per_day", "double precision")
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

/** The people of users.yaml as the host last read it, so that it notices removed people after a restart. */
const createFileUsers = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("file_users")
    .addColumn("user_id", "text", (id) =>
      id.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("entry", "text", (entry) => entry.notNull())
    .execute();

/** No foreign key: a person stays refused after their row of `users` is deleted. */
const createRefusedPeople = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("refused_people")
    .addColumn("user_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("refused_at", "text", (at) => at.notNull())
    .addColumn("reason", "text", (reason) => reason.notNull())
    .execute();

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
