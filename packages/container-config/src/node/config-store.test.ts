import { randomUUID } from "node:crypto";
import process from "node:process";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { makeDatabase, type FixtureTables } from "./store.fixture.ts";
import { describeConfigStore, type EmptyDatabase } from "./store.suite.fixture.ts";

describeConfigStore("SQLite", async () => {
  const { sqlite, remove } = await makeDatabase(null);
  return { db: sqlite.db, remove };
});

// `GATEHOUSE_TEST_POSTGRES` is the address of a database in which the tests may create schemas. `.ci/run`
// starts such a database and sets the variable.
describeConfigStore("PostgreSQL", async (): Promise<EmptyDatabase> => {
  const address = process.env["GATEHOUSE_TEST_POSTGRES"];
  if (address === undefined) return { skipped: "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database" };
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  const pool = new pg.Pool({ connectionString: address, options: `-c search_path=${schema}`, max: 8 });
  const db = new Kysely<FixtureTables>({ dialect: new PostgresDialect({ pool }) });
  await sql`create schema ${sql.id(schema)}`.execute(db);
  const remove = async () => {
    await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
    await db.destroy();
  };
  return { db, remove };
});
