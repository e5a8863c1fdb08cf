import { entryNames, initialSettings, scalarNames } from "../fields/fields.ts";
import { scalarFields } from "../fields/scalar-fields.ts";
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

const createConfigs = (db: Kysely<unknown>): Promise<void> => {
  const base = db.schema
    .createTable("container_configs")
    .addColumn("agent_group_id", "text", (id) =>
      id.primaryKey().notNull().references("agent_groups.id").onDelete("cascade"),
    );
  return columns
    .reduce(
      (table, { name, type, initial }) =>
        table.addColumn(name, type, (column) =>
          initial === null ? column : column.notNull().defaultTo(initial),
        ),
      base,
    )
    .addColumn("generation", "integer", (generation) => generation.notNull())
    .addColumn("updated_at", "text", (at) => at.notNull())
    .addCheckConstraint("container_configs_scope", sql`cli_scope in ('disabled', 'group', 'global')`)
    .addCheckConstraint("container_configs_generation", sql`generation >= 1`)
    .execute();
};

const columnTypes = { string: "text", integer: "integer", number: "double precision" } as const;

/** The column of each field. A field that is never null has its initial value as the default. */
const columns = [
  ...scalarNames.map((name) => {
    const { type, column = columnTypes[type], initial } = scalarFields[name];
    return { name, type: column, initial };
  }),
  ...entryNames.map(
    (name) => ({ name, type: "text", initial: JSON.stringify(initialSettings[name]) }) as const,
  ),
];

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
