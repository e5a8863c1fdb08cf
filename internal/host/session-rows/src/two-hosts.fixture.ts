import { join } from "node:path";
import { Kysely, PostgresDialect } from "kysely";
import { openSqlite } from "@gatehouse/sqlite";
import pg from "pg";
import { expect, onTestFinished, type TestContext } from "vitest";
import { at, temporaryFolder, newAddress, addRow } from "@gatehouse/central-database/testing";
import { applyMigrations, migrations, type CentralTables } from "@gatehouse/central-database";

/** The connections of two hosts to one central database that has the session `se-1`. */
export type TwoHosts = readonly [Kysely<CentralTables>, Kysely<CentralTables>];

const onSqlite = async (): Promise<TwoHosts> => {
  const file = join(temporaryFolder(), "central.db");
  const open = async (): Promise<Kysely<CentralTables>> => {
    const opened = await openSqlite<CentralTables>(file);
    if (!opened.ok) expect.fail(JSON.stringify(opened.error));
    onTestFinished(opened.value.close);
    return opened.value.db;
  };
  return [await filled(await open()), await open()];
};

/** Uses plain pools, since the lock of a first `openPostgres` would refuse the second. */
const onPostgres = async ({ skip }: TestContext): Promise<TwoHosts> => {
  const address = await newAddress();
  if (address === null) return skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
  const open = (): Kysely<CentralTables> => {
    const pool = new pg.Pool({ connectionString: address.address.url, max: 1 });
    return new Kysely<CentralTables>({ dialect: new PostgresDialect({ pool }) });
  };
  const [one, other] = [open(), open()];
  onTestFinished(async () => {
    await one.destroy();
    await other.destroy();
    await address.drop();
  });
  return [await filled(one), other];
};

const filled = async (db: Kysely<CentralTables>): Promise<Kysely<CentralTables>> => {
  await applyMigrations(db, migrations, () => at);
  await addRow(db, "agent_groups");
  await addRow(db, "messaging_groups");
  await addRow(db, "sessions");
  return db;
};

type Database = {
  readonly database: string;
  readonly twoHosts: (context: TestContext) => Promise<TwoHosts>;
};

/** For `describe.each`: both kinds of database. */
export const bothDatabases: readonly [Database, Database] = [
  { database: "SQLite", twoHosts: onSqlite },
  { database: "PostgreSQL", twoHosts: onPostgres },
];
