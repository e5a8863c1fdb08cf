import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { Kysely, PostgresDialect, sql } from "kysely";
import { openSqlite } from "@gatehouse/sqlite";
import pg from "pg";
import { expect, onTestFinished } from "vitest";
import { temporaryFolder } from "./central.fixture.ts";
import { describeSchema } from "./schema.fixture.ts";
import type { CentralTables } from "./tables.ts";

describeSchema("SQLite", async () => {
  const opened = await openSqlite<CentralTables>(join(temporaryFolder(), "empty.db"));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  onTestFinished(opened.value.close);
  return opened.value.db;
});

// `GATEHOUSE_TEST_POSTGRES` is the address of a database in which schemas may be made. `.ci/run` starts one and sets it.
describeSchema("PostgreSQL", async ({ skip }) => {
  const address = process.env["GATEHOUSE_TEST_POSTGRES"];
  if (address === undefined) return skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  const pool = new pg.Pool({ connectionString: address, options: `-c search_path=${schema}`, max: 4 });
  const db = new Kysely<CentralTables>({ dialect: new PostgresDialect({ pool }) });
  await sql`create schema ${sql.id(schema)}`.execute(db);
  onTestFinished(async () => {
    await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
    await db.destroy();
  });
  return db;
});
