import { randomUUID } from "node:crypto";
import process from "node:process";
import { sql, type Kysely } from "kysely";
import pg from "pg";
import { expect, onTestFinished } from "vitest";
import { openPostgres, type PostgresAddress } from "@gatehouse/postgres";
import { migrate } from "./migrate.ts";
import { sampleTables } from "./sample-rows.fixture.ts";
import type { CentralTables } from "./tables.ts";

/** Connections to one database: for writing, for reading only, and beside commands. */
type PostgresDatabase = {
  readonly db: Kysely<CentralTables>;
  readonly reading: Kysely<CentralTables>;
  readonly loop: Kysely<CentralTables>;
};

/**
 * An empty PostgreSQL schema, which is dropped after the test. Null if `GATEHOUSE_TEST_POSTGRES` names no
 * database in which schemas may be created; `.ci/run` starts one and sets the variable.
 */
export const emptyPostgres = async (): Promise<PostgresDatabase | null> => {
  const schema = await newSchema();
  if (schema !== null) onTestFinished(schema.drop);
  return schema;
};

type Schema = PostgresDatabase & { readonly drop: () => Promise<void> };

/** Migrated schemas without rows, for reuse: migrating a schema for each test took a second. */
const free: Schema[] = [];
const made: Schema[] = [];

/** The central database of one test, migrated and without rows. */
export const migratedPostgres = async (): Promise<PostgresDatabase> => {
  const schema = free.pop() ?? (await migratedSchema());
  onTestFinished(async () => {
    await deleteAll(schema.db);
    free.push(schema);
  });
  return schema;
};

/** There are few rows, so `delete` is cheaper than `truncate`, which gives each table and index a new file. */
const deleteAll = async (db: Kysely<CentralTables>, tries = 5): Promise<void> => {
  const deletes = sampleTables.toReversed().map((table) => `delete from ${table};`);
  try {
    await sql.raw(`do $$ begin ${deletes.join(" ")} end $$`).execute(db);
  } catch (error) {
    // A pass over a session that the test's host had begun may still write: then the server ends one of the two.
    if (tries === 1 || !String(error).includes("deadlock detected")) throw error;
    await deleteAll(db, tries - 1);
  }
};

/** Drops all schemas at the end of a test file. The next file in this process makes its own. */
export const dropSchemas = async (): Promise<void> => {
  free.length = 0;
  await Promise.all(made.splice(0).map(({ drop }) => drop()));
};

const migratedSchema = async (): Promise<Schema> => {
  const schema = (await newSchema()) ?? expect.fail("GATEHOUSE_TEST_POSTGRES is not set");
  made.push(schema);
  await migrate(schema.db);
  return schema;
};

const newSchema = async (): Promise<Schema | null> => {
  const address = await newAddress();
  if (address === null) return null;
  const { db, loop, reading, close } = await openPostgres<CentralTables>(address.address);
  const drop = async (): Promise<void> => {
    await close();
    await address.drop();
  };
  return { db, reading, loop, drop };
};

/** The address of an empty schema, in the form of `--database`, and a function that drops the schema. */
export type SchemaAddress = { readonly address: PostgresAddress; readonly drop: () => Promise<void> };

/**
 * Makes an empty schema. Null if `GATEHOUSE_TEST_POSTGRES` names no database in which schemas may be created.
 */
export const newAddress = async (): Promise<SchemaAddress | null> => {
  const server = process.env["GATEHOUSE_TEST_POSTGRES"];
  if (server === undefined) return null;
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create schema ${schema}`);
  const url = `${server}&options=-c%20search_path%3D${schema}`;
  return {
    address: { url, shown: server },
    drop: () => dropSchema(server, schema),
  };
};

/**
 * Drops a schema. The server may still run a statement of a host that a test has just killed. If each waits for the other's table,
 * PostgreSQL refuses one of them, here the drop, which is asked again.
 */
const dropSchema = async (server: string, schema: string): Promise<void> => {
  try {
    await onServer(server, `set client_min_messages = warning; drop schema ${schema} cascade`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== "40P01") throw error;
    await dropSchema(server, schema);
  }
};

/** Runs a statement in a connection of its own, as an administrator would. */
export const onServer = async (connectionString: string, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
};

/**
 * Locks tables like a program that is writing: others can only read them. Returns a function that unlocks
 * them.
 */
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
