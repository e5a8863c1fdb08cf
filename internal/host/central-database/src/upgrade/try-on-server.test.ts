// @module-tag rest
import { sql, type Kysely } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { openReading, type PostgresAddress } from "@gatehouse/postgres";
import { temporaryFolder } from "../central.fixture.ts";
import { migrations, type Migrations } from "../migrations/index.ts";
import { later, present, rowsOfOneMore, withOneMore } from "../one-more.fixture.ts";
import { openServer } from "../open-server.ts";
import { newAddress } from "../postgres.fixture.ts";
import { checkShape } from "../read-central.ts";
import { addRow, sampleTables } from "../sample-rows.fixture.ts";
import type { CentralTables } from "../tables.ts";
import { additions, changes } from "./changed-by-hand.fixture.ts";
import { tryUpgradeOnServer } from "./try-on-server.ts";

/** A database of this schema on the server, with a row in each table, on which a host of this program works. */
const liveHost = async (): Promise<{
  readonly address: PostgresAddress;
  readonly db: Kysely<CentralTables>;
  readonly close: () => Promise<void>;
}> => {
  const schema = (await newAddress()) ?? expect.fail("GATEHOUSE_TEST_POSTGRES is not set");
  onTestFinished(schema.drop);
  const opened = await openServer(schema.address, { dataDir: temporaryFolder() });
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  onTestFinished(close);
  for (const table of sampleTables) await addRow(db, table);
  return { address: schema.address, db, close };
};

const checkSchemas = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select nspname as name from pg_namespace where nspname like 'gatehouse_check_%'`.execute(db);
  return rows.map(({ name }) => name);
};

/** This schema, and one more migration that runs this. */
const withMigration = (run: (db: Kysely<CentralTables>) => Promise<unknown>): Migrations => ({
  ...withOneMore,
  [`${later + 1}-another`]: { up: async (db) => void (await run(db as Kysely<CentralTables>)) },
});

describe("the check on a server", () => {
  test("says what the migrations change, while a host works, and leaves nothing", async () => {
    const { address, db } = await liveHost();
    let live: unknown;
    const known = withMigration(async (copy) => {
      // The host writes what the copy already has.
      live = await addRow(db, "users", { id: "local:bo" });
      await db.updateTable("users").set({ display_name: "Cy" }).where("id", "=", "telegram:1").execute();
      await sql`insert into users select 'local:' || n, 'local', null, '', null, null, null
        from generate_series(1, 7) as n`.execute(copy);
      await copy.schema.dropTable("owner_notices").execute();
    });
    const notedRows = async (trial: Kysely<CentralTables>) => {
      const { rows } = await sql<{ n: string }>`select count(*) as n from one_more`.execute(trial);
      return [`${rows[0]?.n} rows`];
    };
    expect(await tryUpgradeOnServer(address, known, notedRows)).toEqual({
      ok: true,
      value: {
        migrations: [`${later}-one-more`, `${later + 1}-another`],
        bytes: expect.any(Number) as unknown,
        copyMs: expect.any(Number) as unknown,
        migrateMs: expect.any(Number) as unknown,
        tables: [
          { table: "one_more", before: null, after: rowsOfOneMore },
          { table: "owner_notices", before: 1, after: null },
          { table: "users", before: 1, after: 8 },
        ],
        notes: [`${rowsOfOneMore} rows`],
      },
    });
    expect(live).toBeUndefined();
    expect(await checkSchemas(db)).toEqual([]);
    expect(await db.selectFrom("users").select(["id", "display_name"]).orderBy("id").execute()).toEqual([
      { id: "local:bo", display_name: "Ana" },
      { id: "telegram:1", display_name: "Cy" },
    ]);
    expect(await db.selectFrom("schema_version").selectAll().execute()).toHaveLength(
      Object.keys(migrations).length,
    );
  });

  test.for([
    {
      what: "a migration that fails",
      run: (db: Kysely<CentralTables>) => sql`select * from no_such_table`.execute(db),
      error: { code: "migration-failed", migration: `${later + 1}-another` },
    },
    {
      what: "a session that ends, as that of a killed program does",
      run: (db: Kysely<CentralTables>) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db),
      error: { code: "database-unavailable" },
    },
  ])("leaves nothing after $what, and can be done again", async ({ run, error }) => {
    const { address, db } = await liveHost();
    expect(await tryUpgradeOnServer(address, withMigration(run))).toMatchObject({ ok: false, error });
    expect(await checkSchemas(db)).toEqual([]);
    expect(await tryUpgradeOnServer(address, withOneMore)).toMatchObject({
      value: { migrations: [`${later}-one-more`] },
    });
  });

  test("has nothing to do with this schema, has no copy of an empty database, and refuses a later one", async () => {
    const { address, db } = await liveHost();
    expect(await tryUpgradeOnServer(address)).toMatchObject({ ok: true, value: { migrations: [] } });
    await db
      .insertInto("schema_version")
      .values({ name: `${later}-one-more`, timestamp: "" })
      .execute();
    expect(await tryUpgradeOnServer(address)).toMatchObject({
      error: { code: "newer-schema", found: later, known: present },
    });
    const empty = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(empty.drop);
    expect(await tryUpgradeOnServer(empty.address)).toEqual({ ok: true, value: null });
  });

  test("copies columns by their names, in whatever order the table has them", async () => {
    const { address, db } = await liveHost();
    await sql`alter table users drop column display_name`.execute(db);
    await sql`alter table users add column display_name text collate "C"`.execute(db);
    await sql`update users set display_name = 'Ana'`.execute(db);
    let copied: unknown;
    const known = withMigration(async (copy) => {
      copied = await copy.selectFrom("users").select(["id", "kind", "display_name"]).execute();
    });
    expect(await tryUpgradeOnServer(address, known)).toMatchObject({ ok: true });
    expect(copied).toEqual([{ id: "telegram:1", kind: "telegram", display_name: "Ana" }]);
  });
});

/** Opens the database as a later program does. Returns the outcome, and how often it said that it migrates. */
const openedLater = async (address: PostgresAddress, isShared: boolean) => {
  let said = 0;
  const opened = await openServer(address, {
    dataDir: temporaryFolder(),
    isShared,
    known: withOneMore,
    beforeMigration: () => void (said += 1),
  });
  if (opened.ok) onTestFinished(opened.value.close);
  return { opened, said };
};

describe("a server's database that somebody has changed by hand", () => {
  test.for(changes)(
    "is refused for $what by the check, before a migration, and by a start if something is missing",
    async ({ what, change, problem }) => {
      const { address, db, close } = await liveHost();
      await change.execute(db);
      const error = { code: "changed-by-hand", problems: [problem] };
      expect(await tryUpgradeOnServer(address, withOneMore)).toMatchObject({ error });
      expect(await tryUpgradeOnServer(address)).toMatchObject({ error });
      await close();
      const present = { dataDir: temporaryFolder(), isShared: true };
      const shape = await checkShape({ dataDir: present.dataDir, database: address });
      expect(shape?.message.includes(problem) ?? false).toBe(what.endsWith("less"));
      const started = await openServer(address, present);
      if (started.ok) await started.value.close();
      expect(started).toMatchObject(what.endsWith("less") ? { error } : { ok: true });
      const { opened, said } = await openedLater(address, true);
      expect({ opened, said }).toMatchObject({ opened: { error }, said: 0 });
      const reading = await openReading<CentralTables>(address);
      onTestFinished(() => reading.destroy());
      expect(await reading.selectFrom("schema_version").selectAll().execute()).toHaveLength(
        Object.keys(migrations).length,
      );
    },
  );

  test("may have an index and a view of the operator", async () => {
    const { address, db, close } = await liveHost();
    for (const addition of additions) await addition.execute(db);
    expect(await tryUpgradeOnServer(address, withOneMore)).toMatchObject({ ok: true });
    await close();
    expect(await openedLater(address, true)).toMatchObject({ opened: { ok: true }, said: 1 });
  });

  test("is refused by the check for a row that breaks a rule which the table has no more", async () => {
    const { address, db } = await liveHost();
    await sql`alter table users drop constraint users_pkey cascade`.execute(db);
    await addRow(db, "users");
    expect(await tryUpgradeOnServer(address, withOneMore)).toMatchObject({
      error: {
        code: "changed-by-hand",
        problems: [expect.stringMatching(/^A row of users is refused: .*users_pkey/)],
      },
    });
    expect(await checkSchemas(db)).toEqual([]);
  });
});

test.for([{ isShared: true }, { isShared: false }])(
  "a start (shared: $isShared) says once before it migrates a server, and nothing at this schema or an empty one",
  async ({ isShared }) => {
    const { address, close } = await liveHost();
    await close();
    const first = await openedLater(address, isShared);
    expect(first).toMatchObject({ opened: { ok: true }, said: 1 });
    if (first.opened.ok) await first.opened.value.close();
    expect(await openedLater(address, isShared)).toMatchObject({ opened: { ok: true }, said: 0 });
    const empty = (await newAddress()) ?? expect.fail("there is no server");
    onTestFinished(empty.drop);
    expect(await openedLater(empty.address, isShared)).toMatchObject({ opened: { ok: true }, said: 0 });
  },
);
