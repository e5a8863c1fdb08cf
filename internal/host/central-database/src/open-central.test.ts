import type { Buffer } from "node:buffer";
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
import { sql, type Migration, type RawBuilder } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { at, openedCentral, schemaText, temporaryFolder } from "./central.fixture.ts";
import { explainOpen } from "./open-messages.ts";
import { migrations } from "./migrations/index.ts";
import { later, present, withOneMore } from "./one-more.fixture.ts";
import { centralFile, openCentral } from "./open-central.ts";
import { addRow } from "./sample-rows.fixture.ts";
import { tryUpgrade } from "./upgrade/try-upgrade.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** Makes a database by these statements, in place of the central database. Returns its bytes. */
const foreignDatabase = async (
  dataDir: string,
  ...statements: readonly RawBuilder<unknown>[]
): Promise<Buffer> => {
  const foreign = await openSqlite(centralFile(dataDir));
  if (!foreign.ok) expect.fail(JSON.stringify(foreign.error));
  const { db, close } = foreign.value;
  for (const one of statements) await one.execute(db);
  await sql`pragma journal_mode = delete`.execute(db);
  await close();
  return readFileSync(centralFile(dataDir));
};

describe("openCentral", () => {
  test("makes the folder, and a database that only its owner can read", async () => {
    const dataDir = join(temporaryFolder(), "data");
    const { db, backup } = await openedCentral(dataDir);
    expect(await db.selectFrom("schema_version").select("name").execute()).toEqual(
      Object.keys(migrations).map((name) => ({ name })),
    );
    expect({ folder: modeOf(dataDir), file: modeOf(centralFile(dataDir)), backup }).toEqual({
      folder: "711",
      file: "600",
      backup: null,
    });
  });

  test("makes the whole schema even if it is called twice at the same time", async () => {
    const dataDir = temporaryFolder();
    const [{ db }] = await Promise.all([openedCentral(dataDir), openedCentral(dataDir)]);
    expect(await schemaText(db)).toEqual(await schemaText((await openedCentral(temporaryFolder())).db));
  });

  test("keeps the rows of a database that it migrates", async () => {
    const dataDir = temporaryFolder();
    const old = await openedCentral(dataDir);
    await addRow(old.db, "agent_groups");
    await old.close();
    const { db } = await openedCentral(dataDir, withOneMore);
    expect(Object.keys(await schemaText(db))).toContain("one_more");
    expect(await db.selectFrom("agent_groups").select("id").execute()).toEqual([{ id: "ag-1" }]);
  });

  test("refuses a database from before the first release, and leaves the file unchanged", async () => {
    const dataDir = temporaryFolder();
    const before = await foreignDatabase(
      dataDir,
      sql`create table schema_version (version integer, name text, applied_at text)`,
    );
    const opened = await openCentral(dataDir);
    const file = centralFile(dataDir);
    expect(opened).toEqual({ ok: false, error: { code: "schema-too-old", file } });
    if (opened.ok) return;
    expect(explainOpen(opened.error)).toMatchObject({
      message: expect.stringMatching(
        `${file} is from a Gatehouse before the first release.*Nothing`,
      ) as unknown,
      fix: expect.stringContaining("--data") as unknown,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("changes and copies nothing when it opens a current database", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir)).close();
    const { db, backup } = await openedCentral(dataDir);
    expect(backup).toBeNull();
    expect(await db.selectFrom("schema_version").select("name").execute()).toHaveLength(
      Object.keys(migrations).length,
    );
    expect(readdirSync(dataDir)).not.toContain("backups");
  });

  test("refuses the schema of a later Gatehouse, names both versions, and leaves the file unchanged", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir, withOneMore)).close();
    const before = readFileSync(centralFile(dataDir));
    const opened = await openCentral(dataDir);
    expect(opened).toEqual({
      ok: false,
      error: { code: "newer-schema", file: centralFile(dataDir), found: later, known: present },
    });
    if (opened.ok) return;
    expect(explainOpen(opened.error)).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`schema version ${later}, .*up to ${present}\\. Nothing`),
      ) as unknown,
      fix: expect.stringContaining("use the Gatehouse that wrote it") as unknown,
    });
    expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
  });

  test("refuses the database of another program, and leaves it unchanged", async () => {
    const dataDir = temporaryFolder();
    const before = await foreignDatabase(
      dataDir,
      sql`create table schema_version (version integer, name text, applied text)`,
      sql`create table agent_groups (id text)`,
    );
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
      detail: "it is not a regular file",
    },
  ])("refuses $what with the reason", async ({ make, detail }) => {
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
    // Not `openedCentral`: beside an earlier connection, which read the schema, SQLite does not leave its journal.
    const made = await openCentral(dataDir);
    if (!made.ok) expect.fail(made.error.code);
    onTestFinished(made.value.close);
    const { db } = made.value;
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

  test("names a migration that fails, undoes it whole, and keeps no copy of what did not change", async () => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir)).close();
    const before = readFileSync(centralFile(dataDir));
    const faulty: Migration = {
      up: async (db) => {
        await db.schema.createTable("one_more").addColumn("id", "text").execute();
        await sql`insert into no_such_table values (1)`.execute(db);
      },
    };
    const known = { ...migrations, [`${later}-faulty`]: faulty };
    const failed = [await openCentral(dataDir, () => at, known), await tryUpgrade(dataDir, known)];
    for (const opened of failed) {
      if (opened.ok) expect.fail("it did not fail");
      expect(explainOpen(opened.error)).toEqual({
        code: "migration-failed",
        message: `The schema of the central database ${centralFile(dataDir)} was not brought up to date: migration ${later}-faulty failed (no such table: no_such_table). All of it was rolled back, and nothing was changed.`,
        fix: "use the Gatehouse that wrote it, and report this error",
      });
    }
    expect(readdirSync(join(dataDir, "backups"))).toEqual([]);
    expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
  });
});

describe("the copy before a migration", () => {
  /** A data folder at the present version, for a migration to the next. */
  const folderOfPresent = async (): Promise<string> => {
    const dataDir = temporaryFolder();
    await (await openedCentral(dataDir)).close();
    return dataDir;
  };

  test("the copy is a complete database of the old version that only its owner can read", async () => {
    const dataDir = await folderOfPresent();
    const { backup } = await openedCentral(dataDir, withOneMore);
    expect(backup).toBe(join(dataDir, "backups", `gatehouse-v${present}-20261120T080000Z.db`));
    expect(modeOf(backup ?? "")).toBe("600");
    expect(modeOf(join(dataDir, "backups"))).toBe("700");
    const restored = temporaryFolder();
    writeFileSync(centralFile(restored), readFileSync(backup ?? ""), { mode: 0o644 });
    const { db } = await openedCentral(restored);
    expect(modeOf(centralFile(restored))).toBe("600");
    expect(await schemaText(db)).toEqual(await schemaText((await openedCentral(temporaryFolder())).db));
  });

  test("a new copy removes all but the five newest copies, and no other files", async () => {
    const dataDir = await folderOfPresent();
    mkdirSync(join(dataDir, "backups"));
    const before = [1, 2, 3, 4, 5, 6].map(
      (day) => `gatehouse-v${day === 1 ? present + 8 : present}-2026110${day}T000000Z.db`,
    );
    for (const name of [...before, "mine.db"]) writeFileSync(join(dataDir, "backups", name), "");
    await openedCentral(dataDir, withOneMore);
    expect(readdirSync(join(dataDir, "backups")).sort()).toEqual([
      ...before.slice(2),
      `gatehouse-v${present}-20261120T080000Z.db`,
      "mine.db",
    ]);
  });

  test("a new copy removes unfinished copies that are older than an hour", async () => {
    const dataDir = await folderOfPresent();
    mkdirSync(join(dataDir, "backups"));
    for (const [name, minutes] of [
      ["old.unfinished", 61],
      ["old.unfinished-journal", 61],
      ["young.unfinished", 59],
    ] as const) {
      writeFileSync(join(dataDir, "backups", name), "half a");
      const time = Date.parse(at) / 1000 - minutes * 60;
      utimesSync(join(dataDir, "backups", name), time, time);
    }
    await openedCentral(dataDir, withOneMore);
    expect(readdirSync(join(dataDir, "backups")).sort()).toEqual([
      `gatehouse-v${present}-20261120T080000Z.db`,
      "young.unfinished",
    ]);
  });

  test("a failed copy leaves the schema unchanged", async () => {
    const dataDir = await folderOfPresent();
    writeFileSync(join(dataDir, "backups"), "a file, not a folder");
    const opened = await openCentral(dataDir, () => at, withOneMore);
    expect(opened).toMatchObject({ ok: false, error: { code: "backup-failed" } });
    if (!opened.ok) expect(explainOpen(opened.error).message).toContain(join(dataDir, "backups"));
    const { db } = await openedCentral(dataDir);
    expect(Object.keys(await schemaText(db))).not.toContain("one_more");
  });
});
