import type { Kysely } from "kysely";
import { addIndex } from "./add-index.ts";

/** The requests of agents for tools, and the tools that a person always allows. */
export const createToolTables = async (db: Kysely<unknown>): Promise<void> => {
  await createToolRequests(db);
  await createToolRules(db);
};

/** `asked_user_id` is the person whom an agent's CLI asks something. */
const createToolRequests = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("tool_requests")
    .addColumn("approval_id", "text", (id) =>
      id.primaryKey().notNull().references("pending_approvals.approval_id").onDelete("cascade"),
    )
    .addColumn("session_id", "text", (id) => id.notNull().references("sessions.id").onDelete("cascade"))
    .addColumn("message_id", "text", (id) => id.notNull())
    .addColumn("tool", "text", (tool) => tool.notNull())
    .addColumn("input_hash", "text", (hash) => hash.notNull())
    .addColumn("occurrence", "integer", (occurrence) => occurrence.notNull())
    .addColumn("may_have_run", "integer", (flag) => flag.notNull())
    .addColumn("question_id", "text", (id) => id.notNull())
    .addColumn("asked_user_id", "text")
    .execute();
  // Finds the request of an earlier runner.
  await addIndex(db, "tool_requests", ["session_id", "message_id"]);
};

/** `rule` is what the CLI allows without asking, in its own form. */
const createToolRules = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("tool_rules")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("tool", "text", (tool) => tool.notNull())
    .addColumn("input_hash", "text", (hash) => hash.notNull())
    .addColumn("input", "text", (json) => json.notNull())
    .addColumn("allowed_by", "text", (by) => by.notNull())
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("rule", "text")
    .addUniqueConstraint("tool_rules_key", ["agent_group_id", "tool", "input_hash"])
    .execute();
