import {
  copyFileSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
} from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { at, openedCentral, schemaText, temporaryFolder } from "./central.fixture.ts";
import { explainOpen } from "./open-messages.ts";
import type { Migration } from "./migration.ts";
import { migrations, newestVersion } from "./migrations/index.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { addRow } from "./sample-rows.fixture.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A step after the last one, which adds a table. */
const oneMore: Migration = {
  version: newestVersion + 1,
  name: "one-more",
  up: (db) => db.schema.createTable("one_more").addColumn("id", "text").execute(),
};

describe("openCentral", () => {
  test("makes the folder and a database that only its owner can read, and runs every step", async () => {
    const dataDir = join(temporaryFolder(), "data");
    const { db, backup } = await openedCentral(dataDir);
    expect(await db.selectFrom("schema_version").selectAll().execute()).toEqual(
      migrations.map(({ version, name }) => ({ version, name, applied_at: at })),
    );
    expect({ folder: modeOf(dataDir), file: modeOf(centralFile(dataDir)), backup }).toEqual({
      folder: "711",
      file: "600",
      backup: null,
    });
  });

  test("numbers its steps without gaps", () =>
    expect(migrations.map(({ version }) => version)).toEqual(
      migrations.map((_, position) => (migrations[0]?.version ?? 0) + position),
    ));

  test.for(migrations.map((_, steps) => ({ steps })))(
    "migrates a database of $steps steps to the schema of a new one, and keeps its rows",
    async ({ steps }) => {
      const dataDir = temporaryFolder();
      const old = await openedCentral(dataDir, migrations.slice(0, steps));
      const row = { id: "ag-1", name: "Team", folder: "team", agent_provider: null, created_at: at };
      if (steps > 0) await old.db.insertInto("agent_groups").values(row).execute();
      await old.close();
      const { db, backup } = await openedCentral(dataDir);
      expect(await schemaText(db)).toEqual(await schemaText((await openedCentral(temporaryFolder())).db));
      expect(await db.selectFrom("agent_groups").selectAll().execute()).toEqual(steps > 0 ? [row] : []);
      expect(backup === null).toBe(steps === 0);
    },
  );

  test("refuses a schema from before the first release, and leaves the file unchanged", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir, [{ ...oneMore, version: 15 }])).close();
    const before = readFileSync(centralFile(dataDir));
    const opened = await openCentral(dataDir);
    const error = { code: "schema-too-old", file: centralFile(dataDir), found: 15, oldest: 16 };
    expect(opened).toEqual({ ok: false, error });
    if (opened.ok) return;
    expect(explainOpen(opened.error).message).toContain("schema version 15, from before the first release");
    expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
  });

  test("changes and copies nothing when it opens a current database", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir)).close();
    const { db, backup } = await openedCentral(dataDir);
    expect(backup).toBeNull();
    expect(await db.selectFrom("schema_version").select("version").execute()).toHaveLength(migrations.length);
    expect(readdirSync(dataDir)).not.toContain("backups");
  });

  test("refuses the schema of a later Gatehouse, names both versions, and leaves the file unchanged", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir, [...migrations, oneMore])).close();
    const before = readFileSync(centralFile(dataDir));
    const opened = await openCentral(dataDir);
    const [found, known] = [newestVersion + 1, newestVersion];
    expect(opened).toEqual({
      ok: false,
      error: { code: "newer-schema", file: centralFile(dataDir), found, known },
    });
    if (opened.ok) return;
    expect(explainOpen(opened.error)).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`schema version ${found}, .*up to ${known}\\. Nothing`),
      ) as unknown,
      fix: expect.stringContaining("use the Gatehouse that wrote it") as unknown,
    });
    expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
  });

  test("refuses the database of another program, and leaves it unchanged", async () => {
    const dataDir = temporaryFolder();
    const foreign = await openSqlite(centralFile(dataDir));
    if (!foreign.ok) expect.fail(JSON.stringify(foreign.error));
    const { db, close } = foreign.value;
    await sql`create table schema_version (version integer, name text, applied text)`.execute(db);
    await sql`create table agent_groups (id text)`.execute(db);
    await sql`pragma journal_mode = delete`.execute(db);
    await close();
    const before = readFileSync(centralFile(dataDir));
    const opened = await openCentral(dataDir);
    expect(opened).toMatchObject({
      ok: false,
      error: { code: "not-a-central-database", tables: ["agent_groups", "schema_version"] },
    });
    if (!opened.ok) expect(explainOpen(opened.error).fix).toContain("gatehouse import");
    expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
  });

  test.for([
    {
      what: "a file that is not a database",
      make: (dataDir: string) => writeFileSync(centralFile(dataDir), "no database ".repeat(1000)),
      detail: "not a SQLite database",
    },
    {
      what: "a folder in place of the file",
      make: (dataDir: string) => mkdirSync(centralFile(dataDir)),
      detail: "it is no file",
    },
  ])("refuses $what, and says why", async ({ make, detail }) => {
    const dataDir = temporaryFolder();
    make(dataDir);
    const opened = await openCentral(dataDir);
    expect(opened).toMatchObject({
      ok: false,
      error: { code: "database-unusable", detail: expect.stringContaining(detail) as unknown },
    });
    if (!opened.ok) expect(explainOpen(opened.error).message).toContain(centralFile(dataDir));
  });

  test("rolls back the unfinished transaction of a killed program", async () => {
    const [dataDir, killed] = [temporaryFolder(), temporaryFolder()];
    const { db } = await openedCentral(dataDir);
    await addRow(db, "agent_groups");
    await sql`pragma journal_mode = delete`.execute(db);
    // With a small cache SQLite writes changed pages to the file before the commit, and the old pages to the
    // journal.
    await sql`pragma cache_size = 1`.execute(db);
    await db.transaction().execute(async (transaction) => {
      for (let user = 0; user < 2000; user++)
        await addRow(transaction, "users", { id: `telegram:${user}`, display_name: "x".repeat(100) });
      for (const suffix of ["", "-journal"])
        copyFileSync(`${centralFile(dataDir)}${suffix}`, `${centralFile(killed)}${suffix}`);
    });
    const opened = await openedCentral(killed);
    expect(await opened.db.selectFrom("agent_groups").select("id").execute()).toEqual([{ id: "ag-1" }]);
    expect(await opened.db.selectFrom("users").select("id").execute()).toEqual([]);
  });

  test("throws on a step that has a bug, and undoes the whole step", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir)).close();
    const faulty: Migration = {
      ...oneMore,
      up: async (db) => {
        await oneMore.up(db);
        await sql`insert into no_such_table values (1)`.execute(db);
      },
    };
    await expect(openCentral(dataDir, () => at, [...migrations, faulty])).rejects.toThrow("no_such_table");
    const { db } = await openedCentral(dataDir);
    expect(Object.keys(await schemaText(db))).not.toContain("one_more");
  });
});

describe("the copy before a migration", () => {
  /** A data folder at the present version, for a migration to the next. */
  const present = async (): Promise<string> => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir)).close();
    return dataDir;
  };

  test("is a complete database of the old version that only its owner can read", async () => {
    const dataDir = await present();
    const { backup } = await openedCentral(dataDir, [...migrations, oneMore]);
    expect(backup).toBe(join(dataDir, "backups", `gatehouse-v${newestVersion}-20261120T080000Z.db`));
    expect(modeOf(backup ?? "")).toBe("600");
    expect(modeOf(join(dataDir, "backups"))).toBe("700");
    const restored = temporaryFolder();
    writeFileSync(centralFile(restored), readFileSync(backup ?? ""));
    const { db } = await openedCentral(restored);
    expect(await schemaText(db)).toEqual(await schemaText((await openedCentral(temporaryFolder())).db));
  });

  test("removes all but the five newest copies, and keeps other files", async () => {
    const dataDir = await present();
    mkdirSync(join(dataDir, "backups"));
    const before = [1, 2, 3, 4, 5, 6].map(
      (day) => `gatehouse-v${day === 1 ? 9 : 1}-2026110${day}T000000Z.db`,
    );
    for (const name of [...before, "mine.db"]) writeFileSync(join(dataDir, "backups", name), "");
    await openedCentral(dataDir, [...migrations, oneMore]);
    expect(readdirSync(join(dataDir, "backups")).sort()).toEqual([
      ...before.slice(2),
      `gatehouse-v${newestVersion}-20261120T080000Z.db`,
      "mine.db",
    ]);
  });

  test("removes unfinished copies that are older than an hour", async () => {
    const dataDir = await present();
    mkdirSync(join(dataDir, "backups"));
    for (const [name, minutes] of [
      ["old.unfinished", 61],
      ["young.unfinished", 59],
    ] as const) {
      writeFileSync(join(dataDir, "backups", name), "half a");
      const time = Date.parse(at) / 1000 - minutes * 60;
      utimesSync(join(dataDir, "backups", name), time, time);
    }
    await openedCentral(dataDir, [...migrations, oneMore]);
    expect(readdirSync(join(dataDir, "backups")).sort()).toEqual([
      `gatehouse-v${newestVersion}-20261120T080000Z.db`,
      "young.unfinished",
    ]);
  });

  test("is required: if it fails, the schema stays unchanged", async () => {
    const dataDir = await present();
    writeFileSync(join(dataDir, "backups"), "a file, not a folder");
    const opened = await openCentral(dataDir, () => at, [...migrations, oneMore]);
    expect(opened).toMatchObject({ ok: false, error: { code: "backup-failed" } });
    if (!opened.ok) expect(explainOpen(opened.error).message).toContain(join(dataDir, "backups"));
    const { db } = await openedCentral(dataDir);
    expect(Object.keys(await schemaText(db))).not.toContain("one_more");
  });
});
