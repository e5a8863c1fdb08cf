import { sql, type Kysely, type Transaction } from "kysely";

/**
 * Creates the two tables. The database needs a table `agent_groups` with a text key `id`: deleting a group
 * deletes its configuration and history.
 */
export const createContainerConfigTables = async <Tables>(
  anyDb: Kysely<Tables> | Transaction<Tables>,
): Promise<void> => {
  // Kysely's type is not covariant in its tables; creating tables needs the type without any.
  const db = anyDb as unknown as Kysely<unknown>;
  await createConfigs(db);
  await createHistory(db);
};

const createConfigs = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("container_configs")
    .addColumn("agent_group_id", "text", (id) =>
      id.primaryKey().notNull().references("agent_groups.id").onDelete("cascade"),
    )
    .addColumn("provider", "text")
    .addColumn("model", "text")
    .addColumn("effort", "text")
    .addColumn("image_tag", "text")
    .addColumn("assistant_name", "text")
    .addColumn("max_messages_per_prompt", "integer")
    .addColumn("timezone", "text")
    .addColumn("cpus", "double precision")
    .addColumn("memory_mb", "integer")
    .addColumn("pids", "integer")
    .addColumn("skills", "text", (json) => json.notNull().defaultTo('"all"'))
    .addColumn("mcp_servers", "text", (json) => json.notNull().defaultTo("{}"))
    .addColumn("packages_apt", "text", (json) => json.notNull().defaultTo("[]"))
    .addColumn("packages_npm", "text", (json) => json.notNull().defaultTo("[]"))
    .addColumn("additional_mounts", "text", (json) => json.notNull().defaultTo("[]"))
    .addColumn("cli_scope", "text", (scope) => scope.notNull().defaultTo("group"))
    .addColumn("generation", "integer", (generation) => generation.notNull())
    .addColumn("updated_at", "text", (at) => at.notNull())
    // A day may have more tokens than 32 bits count.
    .addColumn("max_requests_per_day", "double precision")
    .addColumn("max_tokens_per_day", "double precision")
    .addColumn("tools", "text", (tools) => tools.notNull().defaultTo("ask"))
    .addColumn("max_cost_per_day", "double precision")
    .addColumn("network", "text")
    .addCheckConstraint("container_configs_scope", sql`cli_scope in ('disabled', 'group', 'global')`)
    .addCheckConstraint("container_configs_generation", sql`generation >= 1`)
    .execute();

const createHistory = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("container_config_history")
    .addColumn("agent_group_id", "text", (id) =>
      id.notNull().references("container_configs.agent_group_id").onDelete("cascade"),
    )
    .addColumn("generation", "integer", (generation) => generation.notNull())
    .addColumn("config", "text", (json) => json.notNull())
    .addColumn("change", "text", (change) => change.notNull())
    .addColumn("changed_at", "text", (at) => at.notNull())
    .addColumn("actor", "text")
    .addColumn("reason", "text")
    .addPrimaryKeyConstraint("container_config_history_key", ["agent_group_id", "generation"])
    .execute();
