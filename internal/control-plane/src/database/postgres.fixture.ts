import { randomUUID } from "node:crypto";
import process from "node:process";
import {
  CompiledQuery,
  Kysely,
  OperationNodeTransformer,
  PostgresDialect,
  sql,
  type DataTypeNode,
  type Driver,
  type KyselyPlugin,
} from "kysely";
import pg from "pg";
import { expect, onTestFinished } from "vitest";
import { applyMigrations } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { sampleTables } from "./sample-rows.fixture.ts";
import type { CentralTables } from "./tables.ts";

/** The same data, to write and to read only. */
type PostgresDatabase = {
  readonly db: Kysely<CentralTables>;
  readonly reading: Kysely<CentralTables>;
};

/**
 * A PostgreSQL schema with nothing in it, dropped when the test is over. Null where `GATEHOUSE_TEST_POSTGRES`
 * names no database in which schemas may be created; `.ci/run` starts one and sets it.
 */
export const emptyPostgres = async (): Promise<PostgresDatabase | null> => {
  const schema = await newSchema();
  if (schema !== null) onTestFinished(schema.drop);
  return schema;
};

type Schema = PostgresDatabase & { readonly drop: () => Promise<void> };

/** Schemas that are up to date and empty. To migrate one for each test took a second. */
const free: Schema[] = [];
const made: Schema[] = [];

/** The central database of one test, up to date, with no row in it. */
export const migratedPostgres = async (at: string): Promise<PostgresDatabase> => {
  const schema = free.pop() ?? (await migratedSchema(at));
  onTestFinished(async () => {
    const tables = sampleTables.map((table) => sql.table(table));
    await sql`truncate ${sql.join(tables)} cascade`.execute(schema.db);
    free.push(schema);
  });
  return schema;
};

/** For the end of a test file. */
export const dropSchemas = async (): Promise<void> => {
  await Promise.all(made.map(({ drop }) => drop()));
};

const migratedSchema = async (at: string): Promise<Schema> => {
  const schema = (await newSchema()) ?? expect.fail("GATEHOUSE_TEST_POSTGRES is not set");
  made.push(schema);
  await applyMigrations(schema.db, migrations, () => at);
  return schema;
};

const newSchema = async (): Promise<Schema | null> => {
  const address = process.env["GATEHOUSE_TEST_POSTGRES"];
  if (address === undefined) return null;
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  const connect = (max: number, settings: string): Kysely<CentralTables> => {
    const options = `-c search_path=${schema} -c client_min_messages=warning ${settings}`;
    const pool = new pg.Pool({ connectionString: address, options, max });
    return new Kysely<CentralTables>({ dialect: new LockingDialect({ pool }), plugins: [bytewiseTexts] });
  };
  const db = connect(4, "");
  const reading = connect(2, "-c default_transaction_read_only=on");
  await sql`create schema ${sql.id(schema)}`.execute(db);
  const drop = async (): Promise<void> => {
    await reading.destroy();
    await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
    await db.destroy();
  };
  return { db, reading, drop };
};

/**
 * A transaction takes a lock at its start that all writers share, as SQLite's `begin immediate` does:
 * commands read before they write, and rely on what they read.
 */
class LockingDialect extends PostgresDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    const begin = driver.beginTransaction.bind(driver);
    driver.beginTransaction = async (connection, settings) => {
      await begin(connection, settings);
      if (settings.accessMode !== "read only") await connection.executeQuery(lock);
    };
    return driver;
  }
}

const lock = CompiledQuery.raw("select pg_advisory_xact_lock(hashtext(current_schema()))");

/** Texts are compared and sorted by their bytes, as in SQLite, whatever the collation of the server is. */
class BytewiseTexts extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    if (node.dataType !== "text") return node;
    return sql`text collate "C"`.toOperationNode() as unknown as DataTypeNode;
  }
}

const transformer = new BytewiseTexts();
const bytewiseTexts: KyselyPlugin = {
  transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
};
