// @module-tag rest
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createContainerConfigTables } from "@nc/container-config/node";
import { sql, type Kysely } from "kysely";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { openPostgres, openReading, type PostgresAddress } from "@gatehouse/postgres";
import { temporaryFolder } from "./central.fixture.ts";
import { copyToServer } from "./copy-to-server.ts";
import { migrationTables } from "./migrate.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { newAddress, onServer } from "./postgres.fixture.ts";
import { addRow, sampleTables } from "./sample-rows.fixture.ts";
import type { CentralTables } from "./tables.ts";

type AnyTables = Record<string, Record<string, unknown>>;

const opened = async (dataDir: string) => {
  const central = await openCentral(dataDir);
  return central.ok ? central.value : expect.fail(JSON.stringify(central.error));
};

/** A data folder with a row in each table, files of 3 MB, and more messages than one statement takes. */
const usedFolder = async (last = 1400): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await opened(dataDir);
  for (const table of sampleTables) await addRow(db, table);
  await sql`
    insert into container_configs (agent_group_id, generation, updated_at) values ('ag-1', 1, '')`.execute(
    db,
  );
  await sql`
    insert into container_config_history (agent_group_id, generation, config, change, changed_at)
    values ('ag-1', 1, '{}', '{}', '')`.execute(db);
  for (const n of [10, 11, 12])
    await addRow(db, "session_file_chunks", { n, content: Buffer.alloc(1_000_000, `\0ÿ${n}`) });
  await sql`
    with recursive each(n) as (select 100 union all select n + 1 from each where n < ${last})
    insert into local_messages (id, seq, platform_id, direction, text, at)
    select 'many-' || n, n, 'local:many', 'out', 'Zeile ' || n || ' 日本 ' || char(10, 9, 92, 39), ''
    from each`.execute(db);
  await close();
  return dataDir;
};

const target = async (): Promise<PostgresAddress> => {
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  onTestFinished(schema.drop);
  return schema.address;
};

const reading = async (address: PostgresAddress): Promise<Kysely<AnyTables>> => {
  const db = await openReading<AnyTables>(address);
  onTestFinished(() => db.destroy());
  return db;
};

const tablesIn = async (address: PostgresAddress): Promise<readonly string[]> =>
  (await (await reading(address)).introspection.getTables()).map(({ name }) => name);

const digest = (dataDir: string): string =>
  createHash("sha256")
    .update(readFileSync(centralFile(dataDir)))
    .digest("hex");

/** The rows as texts, sorted: the two databases have no common order. */
const rowsOf = async (db: Kysely<AnyTables>, table: string): Promise<readonly string[]> =>
  (await db.selectFrom(table).selectAll().execute())
    .map((row) =>
      JSON.stringify(
        Object.entries(row).map(([name, value]) => [
          name,
          value instanceof Uint8Array || value instanceof ArrayBuffer
            ? Buffer.from(value as Uint8Array).toString("base64")
            : value,
        ]),
      ),
    )
    .toSorted();

const never = new AbortController().signal;

describe.skipIf(process.env["GATEHOUSE_TEST_POSTGRES"] === undefined)(
  "copyToServer (skipped without GATEHOUSE_TEST_POSTGRES)",
  () => {
    test("copies each row of each table, and only reads the file", async () => {
      const [dataDir, address] = [await usedFolder(), await target()];
      const before = digest(dataDir);
      const copied = await copyToServer(dataDir, address, never);
      if (!copied.ok) expect.fail(copied.error.message);
      expect(digest(dataDir)).toBe(before);
      const source = await opened(dataDir);
      const [from, to] = [source.db as unknown as Kysely<AnyTables>, await reading(address)];
      const names = (await from.introspection.getTables()).map(({ name }) => name);
      expect(copied.value.map(({ table }) => table).toSorted()).toEqual(
        names.filter((name) => !migrationTables.includes(name)).toSorted(),
      );
      for (const { table, rows } of copied.value) {
        const there = await rowsOf(to, table);
        expect(there).toEqual(await rowsOf(from, table));
        expect(rows).toBe(there.length);
        expect(rows, table).toBeGreaterThan(0);
      }
      await source.close();
    });

    test("gives the schema that a new host makes there", async () => {
      const [copied, fresh] = [await target(), await target()];
      await copyToServer(await usedFolder(), copied, never);
      const { db, close } = await openPostgres<CentralTables>(fresh);
      const { migrate } = await import("./migrate.ts");
      await migrate(db);
      await close();
      const [one, other] = [await reading(copied), await reading(fresh)];
      expect(await one.introspection.getTables()).toEqual(await other.introspection.getTables());
      const ran = (db: Kysely<AnyTables>) => db.selectFrom("schema_version").select("name").execute();
      expect(await ran(one)).toEqual(await ran(other));
    });

    test.for([
      {
        what: "a table of another program",
        make: (url: string) => onServer(url, "create table notes (id text)"),
        says: /it has the tables notes\./,
      },
      {
        what: "a host's tables without a row",
        make: async (url: string) => {
          const { db, close } = await openPostgres<CentralTables>({ url, shown: "it" });
          await createContainerConfigTables(db).catch(() => undefined);
          await sql`create table agent_groups (id text primary key)`.execute(db);
          await close();
        },
        says: /it has the tables agent_groups\./,
      },
    ])("refuses a database with $what", async ({ make, says }) => {
      const [dataDir, address] = [await usedFolder(), await target()];
      await make(address.url);
      const before = await tablesIn(address);
      expect(await copyToServer(dataDir, address, never)).toMatchObject({
        error: { code: "database-not-empty", message: expect.stringMatching(says) as unknown },
      });
      expect(await tablesIn(address)).toEqual(before);
    });

    test.for([
      { what: "no file", make: async () => temporaryFolder(), code: "no-database" },
      {
        what: "a file that is no database",
        make: async () => {
          const dataDir = temporaryFolder();
          writeFileSync(centralFile(dataDir), "no database at all\n".repeat(100));
          return dataDir;
        },
        code: "database-unusable",
      },
      {
        what: "the empty file of a start that was killed",
        make: async () => {
          const dataDir = temporaryFolder();
          writeFileSync(centralFile(dataDir), "");
          return dataDir;
        },
        code: "no-database",
      },
      { what: "the schema of an older build", make: () => withSchema("001-schema"), code: "schema-too-old" },
      { what: "the schema of a newer build", make: () => withSchema("999-more"), code: "newer-schema" },
      {
        what: "a number that PostgreSQL does not hold",
        make: () => changed("update local_messages set seq = 4294967296 where id = 'many-1400'"),
        code: "row-refused",
      },
    ])("refuses $what, and leaves nothing on the server", async ({ make, code }) => {
      const [dataDir, address] = [await make(), await target()];
      const copied = await copyToServer(dataDir, address, never);
      expect(copied).toMatchObject({ ok: false, error: { code } });
      expect(copied.ok ? "" : copied.error.fix).toBeTruthy();
      expect(await tablesIn(address)).toEqual([]);
    });

    test("refuses a database on which another host works", async () => {
      const [dataDir, address] = [await usedFolder(), await target()];
      const { close } = await openPostgres(address, { isShared: true });
      expect(await copyToServer(dataDir, address, never)).toMatchObject({
        error: { code: "database-in-use" },
      });
      await close();
      expect(await copyToServer(dataDir, address, never)).toMatchObject({ ok: true });
    });

    test("leaves nothing behind if it is interrupted", async () => {
      const [dataDir, address] = [await usedFolder(), await target()];
      // Ctrl-C comes behind the thousandth row.
      let rows = 0;
      const signal = { get aborted() { return (rows += 1) > 1000; } } as AbortSignal; // prettier-ignore
      expect(await copyToServer(dataDir, address, signal)).toMatchObject({ error: { code: "cancelled" } });
      expect(await tablesIn(address)).toEqual([]);
      expect(await copyToServer(dataDir, address, never)).toMatchObject({ ok: true });
    });

    test("leaves nothing behind if the server ends its session", async () => {
      const [dataDir, address] = [await usedFolder(30_000), await target()];
      const db = await reading(address);
      expect(await tablesIn(address)).toEqual([]);
      const copying = copyToServer(dataDir, address, never);
      const pid = await untilInserting(db);
      await sql`select pg_terminate_backend(${pid})`.execute(db);
      expect(await copying).toMatchObject({ error: { code: "database-unavailable" } });
      expect(await tablesIn(address)).toEqual([]);
    });
  },
);

/** A data folder whose database ran these migrations. */
const withSchema = (name: string): Promise<string> =>
  changed(`update schema_version set name = '${name}' where name like '%-schema'`);

const changed = async (statement: string): Promise<string> => {
  const dataDir = await usedFolder();
  const { db, close } = await opened(dataDir);
  await sql.raw(statement).execute(db);
  await close();
  return dataDir;
};

/** Waits until a session of this process inserts messages. Returns its process id. */
const untilInserting = async (db: Kysely<AnyTables>): Promise<number> => {
  for (;;) {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity
      where application_name like ${`gatehouse pid ${process.pid} %`} and query like 'insert into "local_messages"%'`.execute(
      db,
    );
    if (rows[0] !== undefined) return rows[0].pid;
  }
};
