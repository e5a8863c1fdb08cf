import { createHash } from "node:crypto";
import { join } from "node:path";
import { sql } from "kysely";
import { openSqlite } from "@gatehouse/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./central.fixture.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { emptyPostgres } from "./postgres.fixture.ts";
import { describeSchema } from "./schema.fixture.ts";
import type { CentralTables } from "./tables.ts";

describeSchema("SQLite", async () => {
  const opened = await openSqlite<CentralTables>(join(temporaryFolder(), "empty.db"));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  onTestFinished(opened.value.close);
  return opened.value.db;
});

describeSchema("PostgreSQL", async ({ skip }) => {
  const postgres = await emptyPostgres();
  return postgres?.db ?? skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
});

/** The schema and its number: a database of another schema with the same number would be opened, and fail later. */
const known = { number: "014-schema", hash: "31342269ed895cc1" };

test("the number of the schema is raised with each change of it", async () => {
  const opened = await openSqlite<CentralTables>(join(temporaryFolder(), "hashed.db"));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  onTestFinished(opened.value.close);
  const { db } = opened.value;
  await migrate(db);
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_schema where sql is not null order by type, name`.execute(db);
  const hash = createHash("sha256").update(JSON.stringify(rows)).digest("hex").slice(0, 16);
  const [number = ""] = Object.keys(migrations).slice(-1);
  if (hash !== known.hash && number === known.number)
    expect.fail(`raise ${number} in migrations/index.ts: the schema has changed. Its hash is ${hash}.`);
  expect({ number, hash }, "write both here, in schema.test.ts").toEqual(known);
});

test("PostgreSQL sorts texts by their bytes, as SQLite does", { tags: ["rest"] }, async ({ skip }) => {
  const postgres = await emptyPostgres();
  if (postgres === null) return skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
  await migrate(postgres.db);
  const { rows } = await sql<{ collation_name: string | null }>`
    select distinct collation_name from information_schema.columns
    where table_schema = current_schema() and data_type = 'text'`.execute(postgres.db);
  expect(rows).toEqual([{ collation_name: "C" }]);
});
