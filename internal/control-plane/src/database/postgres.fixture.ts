import { randomUUID } from "node:crypto";
import process from "node:process";
import { sql, type Kysely } from "kysely";
import pg from "pg";
import { expect, onTestFinished } from "vitest";
import { openPostgres, type PostgresAddress } from "@gatehouse/postgres";
import { applyMigrations } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { sessionRowsOf } from "./open-central.ts";
import { sampleTables } from "./sample-rows.fixture.ts";
import type { CentralTables } from "./tables.ts";
import type { SessionTables } from "@nc/session-db/node";

/** The same data, to write and to read only. */
type PostgresDatabase = {
  readonly db: Kysely<CentralTables>;
  readonly reading: Kysely<CentralTables>;
  readonly beside: Kysely<CentralTables>;
  readonly rows: Kysely<SessionTables>;
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
    // Few rows: to delete them is cheaper than `truncate`, which gives each table and index a new file.
    const deletes = sampleTables.toReversed().map((table) => `delete from ${table};`);
    await sql.raw(`do $$ begin ${deletes.join(" ")} end $$`).execute(schema.db);
    free.push(schema);
  });
  return schema;
};

/** For the end of a test file: the next one in this process makes its own. */
export const dropSchemas = async (): Promise<void> => {
  free.length = 0;
  await Promise.all(made.splice(0).map(({ drop }) => drop()));
};

const migratedSchema = async (at: string): Promise<Schema> => {
  const schema = (await newSchema()) ?? expect.fail("GATEHOUSE_TEST_POSTGRES is not set");
  made.push(schema);
  await applyMigrations(schema.db, migrations, () => at);
  return schema;
};

const newSchema = async (): Promise<Schema | null> => {
  const address = await newAddress();
  if (address === null) return null;
  const { db, beside, reading, close } = await openPostgres<CentralTables>(address.address);
  const drop = async (): Promise<void> => {
    await close();
    await address.drop();
  };
  return { db, reading, beside, rows: sessionRowsOf(beside), drop };
};

/** The address of an empty schema, as `--database` takes it, and how it is dropped. */
export type SchemaAddress = { readonly address: PostgresAddress; readonly drop: () => Promise<void> };

/** Makes one. Null where `GATEHOUSE_TEST_POSTGRES` names no database in which schemas may be created. */
export const newAddress = async (): Promise<SchemaAddress | null> => {
  const server = process.env["GATEHOUSE_TEST_POSTGRES"];
  if (server === undefined) return null;
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create schema ${schema}`);
  const url = `${server}&options=-c%20search_path%3D${schema}`;
  return {
    address: { url, shown: server },
    drop: () => onServer(server, `set client_min_messages = warning; drop schema ${schema} cascade`),
  };
};

/** Runs a statement as an administrator does, beside every host. */
export const onServer = async (connectionString: string, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text);
  await client.end();
};

/** Locks tables as a program in the middle of its writing does: others only read them. Gives what ends that. */
export const lockTables = async (
  connectionString: string,
  ...tables: readonly string[]
): Promise<() => Promise<void>> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`begin; lock table ${tables.join(", ")} in exclusive mode`);
  return async () => void (await client.query("commit"));
};
