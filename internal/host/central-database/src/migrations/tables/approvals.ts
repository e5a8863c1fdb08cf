import type { Kysely } from "kysely";
import { addIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/** Approvals, the cards that ask for them, and the log of decisions. */
export const createApprovalTables = async (db: Kysely<unknown>): Promise<void> => {
  await createPendingApprovals(db);
  await createApprovalCards(db);
  await createDecisions(db);
  await createLogHead(db);
  await createLogGaps(db);
};

/**
 * A question about a chat that no group answers in has neither a session nor a group. The columns from `tool` to
 * `asked_user_id` are null for all but an agent's request for a tool, or its question: what it asked for, and who waits for
 * the answer. Those from `messaging_group_id` on are of a question about a person's message.
 */
const createPendingApprovals = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("pending_approvals")
    .addColumn("approval_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("session_id", "text", (id) => id.references("sessions.id").onDelete("cascade"))
    .addColumn("agent_group_id", "text", (id) => id.references("agent_groups.id").onDelete("cascade"))
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
    .addColumn("consequence", "text")
    .addColumn("kind", "text", (kind) => kind.notNull().defaultTo("command"))
    .addColumn("message_id", "text")
    .addColumn("tool", "text")
    .addColumn("input_hash", "text")
    .addColumn("occurrence", "integer")
    .addColumn("question_id", "text")
    .addColumn("asked_user_id", "text")
    .addColumn("mac", "text")
    .addColumn("messaging_group_id", "text", (id) =>
      id.references("messaging_groups.id").onDelete("set null"),
    )
    .addColumn("sender_id", "text")
    .addColumn("sender_name", "text")
    .addCheckConstraint("pending_approvals_scope", oneOf("scope", ["disabled", "group", "global"]))
    .addCheckConstraint(
      "pending_approvals_status",
      oneOf("status", ["pending", "approved", "rejected", "expired", "failed"]),
    )
    .execute();
  // Also finds the request of an earlier runner.
  await addIndex(db, "pending_approvals", ["session_id", "message_id"]);
  await addIndex(db, "pending_approvals", ["agent_group_id", "status"]);
  await addIndex(db, "pending_approvals", ["status", "expires_at"]);
  // Finds old approvals that can be deleted.
  await addIndex(db, "pending_approvals", ["answered_at"]);
  await addIndex(db, "pending_approvals", ["messaging_group_id", "sender_id"]);
};

/** The chats in which approvers were asked, so that the cards there can be closed. */
const createApprovalCards = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("approval_cards")
    .addColumn("approval_id", "text", (id) =>
      id.notNull().references("pending_approvals.approval_id").onDelete("cascade"),
    )
    .addColumn("user_id", "text", (id) => id.notNull())
    .addColumn("channel_type", "text", (type) => type.notNull())
    .addColumn("platform_id", "text", (id) => id.notNull())
    .addColumn("instance", "text", (instance) => instance.notNull())
    .addColumn("thread_id", "text")
    .addColumn("message_id", "text")
    .addColumn("sent_at", "text", (at) => at.notNull())
    .addColumn("closed_at", "text")
    .addPrimaryKeyConstraint("approval_cards_key", ["approval_id", "user_id"])
    .execute();
  // Finds cards that are still open.
  await addIndex(db, "approval_cards", ["closed_at", "approval_id"]);
};

/** No foreign key: the log outlives the rows it mentions. */
const createDecisions = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("decisions")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("at", "text", (at) => at.notNull())
    .addColumn("actor", "text", (actor) => actor.notNull())
    .addColumn("command", "text", (command) => command.notNull())
    .addColumn("args", "text", (args) => args.notNull())
    .addColumn("effect", "text", (effect) => effect.notNull())
    .addColumn("rule_id", "text", (id) => id.notNull())
    .addColumn("reason", "text", (reason) => reason.notNull())
    .addColumn("account", "text")
    .addColumn("seq", "integer")
    .addColumn("mac", "text")
    .addCheckConstraint("decisions_effect", oneOf("effect", ["allow", "approve", "deny"]))
    .execute();
  await addIndex(db, "decisions", ["at", "id"]);
  // Not unique: a row that somebody puts there must not keep the host from writing the next one.
  await addIndex(db, "decisions", ["seq", "id"]);
};

const createLogHead = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("log_head")
    .addColumn("id", "integer", (id) => id.primaryKey().notNull())
    .addColumn("seq", "integer", (seq) => seq.notNull())
    .addColumn("last_mac", "text", (mac) => mac.notNull())
    .addColumn("pruned", "integer", (count) => count.notNull())
    .addColumn("key_id", "text", (id) => id.notNull())
    .addColumn("mac", "text", (mac) => mac.notNull())
    .execute();

const createLogGaps = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("log_gaps")
    .addColumn("first", "integer", (first) => first.notNull())
    .addColumn("last", "integer", (last) => last.notNull())
    .addColumn("before", "text", (mac) => mac.notNull())
    .addColumn("after", "text", (mac) => mac.notNull())
    .addColumn("mac", "text", (mac) => mac.primaryKey().notNull())
    .execute();
