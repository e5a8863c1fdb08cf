import { createHash } from "node:crypto";
import { join } from "node:path";
import { sql } from "kysely";
import { openInMemory, openSqlite } from "@gatehouse/sqlite";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "./central.fixture.ts";
import { migrate } from "./migrate.ts";
import { migrations, namesAfter } from "./migrations/index.ts";
import { emptyPostgres } from "./postgres.fixture.ts";
import { describeSchema } from "./schema.fixture.ts";
import type { CentralTables } from "./tables.ts";
import { hashOf, shapeOf } from "./upgrade/changed-by-hand.ts";

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

/** The schema after each migration. A row is never changed: databases of 0.1.0 and later have this schema already. */
const frozen: Readonly<Record<string, string>> = {
  "014-schema": "31342269ed895cc1",
  "015-tasks": "24ce09288371614e",
};

test.for(Object.keys(migrations).map((name, at) => [name, at] as const))(
  "the migration %s makes the schema that it always made",
  async ([name, at]) => {
    const opened = await openSqlite<CentralTables>(join(temporaryFolder(), "hashed.db"));
    if (!opened.ok) expect.fail(JSON.stringify(opened.error));
    onTestFinished(opened.value.close);
    const { db } = opened.value;
    await migrate(db, Object.fromEntries(Object.entries(migrations).slice(0, at + 1)));
    const { rows } = await sql<{ sql: string }>`
      select sql from sqlite_schema where sql is not null order by type, name`.execute(db);
    const hash = createHash("sha256").update(JSON.stringify(rows)).digest("hex").slice(0, 16);
    const what =
      frozen[name] === undefined
        ? `add it to the table \`frozen\` in schema.test.ts, with the hash ${hash}`
        : "a release has this migration: take your change back, and add another migration to migrations/index.ts";
    expect(frozen[name], what).toBe(hash);
  },
);

test("the names of the present schema's tables, columns and indexes are known without its migrations", async () => {
  const db = await openInMemory<CentralTables>();
  onTestFinished(() => db.destroy());
  await migrate(db);
  const last = Object.keys(migrations).toSorted().at(-1) ?? "";
  const hash = hashOf(await shapeOf(db));
  expect(namesAfter, "put the hash into migrations/index.ts").toEqual({ [last]: hash });
});

test("PostgreSQL has the same names of tables, columns and indexes", { tags: ["rest"] }, async ({ skip }) => {
  const postgres = await emptyPostgres();
  if (postgres === null) return skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
  await migrate(postgres.db);
  expect(Object.values(namesAfter)).toEqual([hashOf(await shapeOf(postgres.db))]);
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
