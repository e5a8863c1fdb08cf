import type { Kysely } from "kysely";
import { containerConfigSteps } from "@nc/container-config/node";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";

/** A group's policy for tools, the requests of agents for tools, and the tools that a person always allows. */
export const tools: Migration = {
  version: 20,
  name: "tools",
  up: async (db) => {
    const [, , , policy] = containerConfigSteps;
    await policy(db);
    await createToolRequests(db);
    await createToolRules(db);
  },
};

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
    .execute();
  // Finds the request of an earlier runner.
  await addIndex(db, "tool_requests", ["session_id", "message_id"]);
};

const createToolRules = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
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
    .addUniqueConstraint("tool_rules_key", ["agent_group_id", "tool", "input_hash"])
    .execute();
};
