import { PostgresDialect, sql, type DatabaseIntrospector, type Kysely, type TableMetadata } from "kysely";

/**
 * Kysely's dialect, whose introspection reads only the current schema. Kysely's own reads all schemas of the
 * database: its Migrator would take a table of another schema for ours, and it fails while another program
 * drops a schema.
 */
export class OwnSchemaDialect extends PostgresDialect {
  override createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    const getTables = () => tablesOf(db);
    return {
      getTables,
      getSchemas: async () => (await sql<{ name: string }>`select current_schema() as name`.execute(db)).rows,
      getMetadata: async () => ({ tables: await getTables() }),
    };
  }
}

type FoundColumn = {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly is_required: boolean;
  readonly has_default: boolean;
};

/** The tables of the current schema, sorted by name. */
const tablesOf = async (db: Kysely<unknown>): Promise<TableMetadata[]> => {
  const { rows } = await sql<FoundColumn>`
    select relname as table, attname as column, atttypid::regtype::text as type,
      attnotnull as is_required, atthasdef as has_default
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
    order by relname, attnum`.execute(db);
  const names = [...new Set(rows.map(({ table }) => table))];
  return names.map((name) => ({
    name,
    isView: false,
    columns: rows.filter(({ table }) => table === name).map(columnOf),
  }));
};

/** An identity column has no default in `pg_attribute`, and our tables have none. */
const columnOf = ({
  column,
  type,
  is_required,
  has_default,
}: FoundColumn): TableMetadata["columns"][number] => ({
  name: column,
  dataType: type,
  isNullable: !is_required,
  hasDefaultValue: has_default,
  isAutoIncrementing: false,
});
