import type { Kysely } from "kysely";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/** The sessions of agent groups, their pending approvals and messages, and the log of the CLI's decisions. */
export const sessionsAndApprovals: Migration = {
  version: 3,
  name: "sessions-and-approvals",
  up: async (db) => {
    await createSessions(db);
    await createPendingApprovals(db);
    await createSystemMessages(db);
    await createDecisions(db);
  },
};

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
    .addCheckConstraint("sessions_status", oneOf("status", ["active", "closed"]))
    .addCheckConstraint(
      "sessions_container_status",
      oneOf("container_status", ["running", "idle", "stopped"]),
    )
    .execute();
  // A list is newest first. One of these indexes serves each filter of a list, with its order.
  await addIndex(db, "sessions", ["created_at", "id"]);
  await addIndex(db, "sessions", ["agent_group_id", "created_at", "id"]);
  await addIndex(db, "sessions", ["status", "created_at", "id"]);
  await addIndex(db, "sessions", ["container_status", "created_at", "id"]);
  await addIndex(db, "sessions", ["messaging_group_id", "created_at", "id"]);
  await addIndex(db, "sessions", ["messaging_group_id", "thread_id"]);
};

const createPendingApprovals = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("pending_approvals")
    .addColumn("approval_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.notNull().references("sessions.id").onDelete("cascade"))
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("command", "text", (command) => command.notNull())
    .addColumn("args", "text", (args) => args.notNull())
    .addColumn("shown", "text", (shown) => shown.notNull())
    .addColumn("digest", "text", (digest) => digest.notNull())
    .addColumn("scope", "text", (scope) => scope.notNull())
    .addColumn("status", "text", (status) => status.notNull().defaultTo("pending"))
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("expires_at", "text", (at) => at.notNull())
    .addColumn("answered_by", "text")
    .addColumn("answered_at", "text")
    .addColumn("result", "text")
    .addCheckConstraint("pending_approvals_scope", oneOf("scope", ["disabled", "group", "global"]))
    .addCheckConstraint(
      "pending_approvals_status",
      oneOf("status", ["pending", "approved", "rejected", "expired", "failed"]),
    )
    .execute();
  await addIndex(db, "pending_approvals", ["session_id"]);
  await addIndex(db, "pending_approvals", ["agent_group_id", "status"]);
  await addIndex(db, "pending_approvals", ["status", "expires_at"]);
};

const createSystemMessages = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("system_messages")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.notNull().references("sessions.id").onDelete("cascade"))
    .addColumn("content", "text", (content) => content.notNull())
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("delivered_at", "text")
    .execute();
  await addIndex(db, "system_messages", ["session_id", "delivered_at"]);
};

/** No foreign key: the log outlives the rows it mentions. */
const createDecisions = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("decisions")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("at", "text", (at) => at.notNull())
    .addColumn("actor", "text", (actor) => actor.notNull())
    .addColumn("command", "text", (command) => command.notNull())
    .addColumn("flags", "text", (flags) => flags.notNull())
    .addColumn("effect", "text", (effect) => effect.notNull())
    .addColumn("rule_id", "text", (id) => id.notNull())
    .addColumn("reason", "text", (reason) => reason.notNull())
    .addCheckConstraint("decisions_effect", oneOf("effect", ["allow", "approve", "deny"]))
    .execute();
  await addIndex(db, "decisions", ["at", "id"]);
};
