import { sql, type Kysely } from "kysely";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/** Sessions, the leases on them, intents, and the state that hosts share. */
export const createSessionHostTables = async (db: Kysely<unknown>): Promise<void> => {
  await createSessions(db);
  await createLeases(db);
  await createMachines(db);
  await createSharedSettings(db);
  await createIntents(db);
  await createInstallation(db);
  await createHosts(db);
  await createSuccessions(db);
};

/** `incarnation` counts the containers of a session. A group, a chat and a thread have one active session. */
const createSessions = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("messaging_group_id", "text", (id) => id.references("messaging_groups.id").onDelete("cascade"))
    .addColumn("thread_id", "text")
    .addColumn("agent_provider", "text")
    .addColumn("status", "text", (status) => status.notNull().defaultTo("active"))
    .addColumn("container_status", "text", (status) => status.notNull().defaultTo("stopped"))
    .addColumn("config_generation", "integer")
    .addColumn("last_active", "text")
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("incarnation", "integer", (count) => count.notNull().defaultTo(0))
    .addColumn("container_ref", "text")
    .addColumn("agent_model", "text")
    .addColumn("agent_model_provider", "text")
    .addColumn("container_agent", "text")
    .addColumn("container_exit", "text")
    .addCheckConstraint("sessions_status", oneOf("status", ["active", "closed"]))
    .addCheckConstraint("sessions_container_status", oneOf("container_status", ["running", "stopped"]))
    .execute();
  // A list is newest first. One of these indexes serves each filter of a list, with its order.
  await addIndex(db, "sessions", ["created_at", "id"]);
  await addIndex(db, "sessions", ["agent_group_id", "created_at", "id"]);
  await addIndex(db, "sessions", ["status", "created_at", "id"]);
  await addIndex(db, "sessions", ["container_status", "created_at", "id"]);
  await addIndex(db, "sessions", ["messaging_group_id", "created_at", "id"]);
  await addIndex(db, "sessions", ["messaging_group_id", "thread_id"]);
  // Nulls are distinct in a unique index, but sessions without a chat or thread must be unique too.
  await sql`
    create unique index sessions_one_active
    on sessions (agent_group_id, (coalesce(messaging_group_id, '')), (coalesce(thread_id, '')))
    where status = 'active'`.execute(db);
};

/** At most one machine runs the agents of a group. */
const createMachines = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("machines")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().unique().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("name", "text", (name) => name.notNull())
    .addColumn("token_hash", "text", (hash) => hash.notNull().unique())
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("connected_at", "text", (at) => at.notNull())
    .addColumn("disconnected_at", "text")
    .addColumn("host", "text", (host) => host.notNull())
    .addColumn("later_host", "text")
    .execute();

const createSharedSettings = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("shared_settings")
    .addColumn("name", "text", (name) => name.primaryKey().notNull())
    .addColumn("version", "integer", (version) => version.notNull())
    .addColumn("version_id", "text", (id) => id.notNull())
    .addColumn("content", "text")
    .addColumn("key_id", "text")
    .addColumn("changed_at", "text", (at) => at.notNull())
    .addColumn("changed_by", "text", (by) => by.notNull())
    .execute();

/** The row is kept when a lease is given back, so that its token only rises. */
const createLeases = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("leases")
    .addColumn("name", "text", (name) => name.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.unique().references("sessions.id").onDelete("cascade"))
    .addColumn("owner", "text", (owner) => owner.notNull())
    .addColumn("token", "integer", (token) => token.notNull())
    .addColumn("expires_at", "text", (at) => at.notNull())
    .addColumn("wanted_at", "text")
    .addColumn("wanted_for", "text")
    .addColumn("is_unread", "integer", (flag) => flag.notNull().defaultTo(0))
    .execute();
  await addIndex(db, "leases", ["owner", "expires_at"]);
};

/**
 * Work that acts ask the host to do, and its outcome. Agents of the group `agent_group_id` may look it up. No
 * foreign key: an intent outlives its group.
 */
const createIntents = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("intents")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("kind", "text", (kind) => kind.notNull())
    .addColumn("command", "text", (command) => command.notNull())
    .addColumn("asked_by", "text", (actor) => actor.notNull())
    .addColumn("payload", "text", (payload) => payload.notNull())
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("outcome", "text")
    .addColumn("done_at", "text")
    .addColumn("agent_group_id", "text")
    .addCheckConstraint("intents_outcome", sql<boolean>`(outcome is null) = (done_at is null)`)
    .execute();
  // Finds open intents, and old ones that can be deleted.
  await addIndex(db, "intents", ["done_at", "created_at", "id"]);
  await addIndex(db, "intents", ["created_at", "id"]);
  await addIndex(db, "intents", ["agent_group_id", "created_at", "id"]);
};

/** State that the hosts of one server share: at most one row. */
const createInstallation = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("installation")
    .addColumn("id", "integer", (id) => id.primaryKey().notNull())
    .addColumn("changes", "integer", (count) => count.notNull())
    .addColumn("name", "text")
    .addCheckConstraint("installation_one", sql`id = 1`)
    .execute();

/** The hosts that work on a database on a server, each as it last said. */
const createHosts = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("hosts")
    .addColumn("name", "text", (name) => name.primaryKey().notNull())
    .addColumn("place", "text", (place) => place.notNull())
    .addColumn("version", "text")
    .addColumn("runtime", "text", (runtime) => runtime.notNull())
    .addColumn("settings", "text", (settings) => settings.notNull())
    .addColumn("started_at", "text", (at) => at.notNull())
    .addColumn("seen_at", "text", (at) => at.notNull())
    .execute();

/** Which copy of a data folder works on a database on a server. */
const createSuccessions = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("successions")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("since", "text", (since) => since.notNull())
    .addColumn("place", "text", (place) => place.notNull())
    .execute();
