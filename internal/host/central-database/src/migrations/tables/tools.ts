import type { Kysely } from "kysely";

/** The tools that a person always allows. `rule` is what the CLI allows without asking, in its own form. */
export const createToolRules = (db: Kysely<unknown>): Promise<void> =>
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
