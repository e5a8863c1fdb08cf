import { join } from "node:path";
import { sql } from "kysely";
import { openSqlite } from "@gatehouse/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./central.fixture.ts";
import { migrate } from "./migrate.ts";
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

test("PostgreSQL sorts texts by their bytes, as SQLite does", { tags: ["rest"] }, async ({ skip }) => {
  const postgres = await emptyPostgres();
  if (postgres === null) return skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
  await migrate(postgres.db);
  const { rows } = await sql<{ collation_name: string | null }>`
    select distinct collation_name from information_schema.columns
    where table_schema = current_schema() and data_type = 'text'`.execute(postgres.db);
  expect(rows).toEqual([{ collation_name: "C" }]);
});
