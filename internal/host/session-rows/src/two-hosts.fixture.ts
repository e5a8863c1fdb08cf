import { Kysely, PostgresDialect } from "kysely";
import { openSqlite } from "@gatehouse/sqlite";
import pg from "pg";
import { describe, expect, onTestFinished, type TestContext } from "vitest";
import { at, temporaryFolder, newAddress, addRow } from "@gatehouse/central-database/testing";
import {
  centralFile,
  openCentralAt,
  type CentralPlace,
  type CentralTables,
} from "@gatehouse/central-database";

/** The connections of two hosts to one central database that has the session `se-1`. */
export type TwoHosts = readonly [Kysely<CentralTables>, Kysely<CentralTables>];

const onSqlite = async (): Promise<TwoHosts> => {
  const dataDir = temporaryFolder();
  await fill({ dataDir, database: null });
  const open = async (): Promise<Kysely<CentralTables>> => {
    const opened = await openSqlite<CentralTables>(centralFile(dataDir));
    if (!opened.ok) expect.fail(JSON.stringify(opened.error));
    onTestFinished(opened.value.close);
    return opened.value.db;
  };
  return [await open(), await open()];
};

/** Uses plain pools, since the lock of a first `openPostgres` would refuse the second. */
export const onPostgres = async ({ skip }: TestContext): Promise<TwoHosts> => {
  const schema = await newAddress();
  if (schema === null) return skip("GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
  await fill({ dataDir: temporaryFolder(), database: schema.address });
  const open = (): Kysely<CentralTables> => {
    const pool = new pg.Pool({ connectionString: schema.address.url, max: 1 });
    return new Kysely<CentralTables>({ dialect: new PostgresDialect({ pool }) });
  };
  const [one, other] = [open(), open()];
  onTestFinished(async () => {
    await one.destroy();
    await other.destroy();
    await schema.drop();
  });
  return [one, other];
};

/** Makes a central database with the session `se-1`. */
const fill = async (place: CentralPlace): Promise<void> => {
  const central = await openCentralAt(place, () => at);
  if (!central.ok) expect.fail(JSON.stringify(central.error));
  const { db, close } = central.value;
  await addRow(db, "agent_groups");
  await addRow(db, "messaging_groups");
  await addRow(db, "sessions");
  await close();
};

type Database = {
  readonly database: string;
  readonly twoHosts: (context: TestContext) => Promise<TwoHosts>;
};

/** Describes a suite on SQLite, and once more on PostgreSQL, which is of `npm run test:rest`. */
export const describeOnBoth = (what: string, suite: (database: Database) => void): void => {
  describe(`${what}, on SQLite`, () => suite({ database: "SQLite", twoHosts: onSqlite }));
  describe(`${what}, on PostgreSQL`, { tags: ["rest"] }, () =>
    suite({ database: "PostgreSQL", twoHosts: onPostgres }),
  );
};
