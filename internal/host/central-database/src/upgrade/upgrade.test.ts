import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql, type RawBuilder } from "kysely";
import { describe, expect, test } from "vitest";
import { backupsFolder } from "../backup.ts";
import { openedCentral, temporaryFolder } from "../central.fixture.ts";
import { later, present, rowsOfOneMore, withOneMore } from "../one-more.fixture.ts";
import { centralFile, openCentral, openFile, type Central } from "../open-central.ts";
import { checkShape, readCentral } from "../read-central.ts";
import { addRow } from "../sample-rows.fixture.ts";
import { additions, changes } from "./changed-by-hand.fixture.ts";
import { tryUpgrade } from "./try-upgrade.ts";
import { planUndo, undoUpgrade } from "./undo-upgrade.ts";

const at = () => "2026-11-20T08:00:00.000Z";
const evening = "2026-11-20T20:00:00.000Z";

/** A data folder with a database of this schema, and the users in it. */
const folderWith = async (...users: readonly string[]): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db, close } = await openedCentral(dataDir);
  for (const id of users) await addRow(db, "users", { id });
  await close();
  return dataDir;
};

/** Opens the database as a later build does, which has one more migration. */
const openedLater = async (dataDir: string): Promise<Central> => {
  const opened = await openCentral(dataDir, at, withOneMore);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  return opened.value;
};

const changed = async (dataDir: string, ...statements: readonly RawBuilder<unknown>[]): Promise<void> => {
  const opened = await openFile(centralFile(dataDir));
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  for (const statement of statements) await statement.execute(opened.value.db);
  await opened.value.close();
};

const usersIn = async (file: string): Promise<readonly string[]> => {
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const rows = await opened.value.db.selectFrom("users").select("id").orderBy("id").execute();
  await opened.value.close();
  return rows.map(({ id }) => id);
};

/** Says how many rows the table of the later migration has. */
const notedRows = async (db: Central["loop"]): Promise<readonly string[]> => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from one_more`.execute(db);
  return [`${rows[0]?.n} rows`];
};

describe("tryUpgrade", () => {
  test("says which migrations would run, and what they change, and leaves nothing", async () => {
    const dataDir = await folderWith("local:ana");
    const before = readFileSync(centralFile(dataDir));
    const tried = await tryUpgrade(dataDir, withOneMore, notedRows);
    expect(tried).toEqual({
      ok: true,
      value: {
        migrations: [`${later}-one-more`],
        bytes: expect.any(Number) as unknown,
        copyMs: expect.any(Number) as unknown,
        migrateMs: expect.any(Number) as unknown,
        tables: [{ table: "one_more", before: null, after: rowsOfOneMore }],
        notes: [`${rowsOfOneMore} rows`],
      },
    });
    expect(readFileSync(centralFile(dataDir))).toEqual(before);
    expect(readdirSync(backupsFolder(dataDir))).toEqual([]);
  });

  test("tries what a running host has committed, which goes on writing", async () => {
    const dataDir = await folderWith();
    const { db, close } = await openedCentral(dataDir);
    await addRow(db, "users", { id: "local:ana" });
    const tried = await tryUpgrade(dataDir, withOneMore);
    expect(tried).toMatchObject({ ok: true, value: { migrations: [`${later}-one-more`] } });
    await addRow(db, "users", { id: "local:bo" });
    await close();
    expect(await usersIn(centralFile(dataDir))).toEqual(["local:ana", "local:bo"]);
  });

  test("has nothing to do with a database of this schema, and none without a database", async () => {
    const nothing = { migrations: [], bytes: 0, copyMs: 0, migrateMs: 0, tables: [], notes: [] };
    expect(await tryUpgrade(await folderWith())).toEqual({ ok: true, value: nothing });
    expect(await tryUpgrade(temporaryFolder())).toEqual({ ok: true, value: null });
    const empty = temporaryFolder();
    writeFileSync(centralFile(empty), "");
    expect(await tryUpgrade(empty)).toEqual({ ok: true, value: null });
  });

  test("refuses the database of a later program", async () => {
    const dataDir = await folderWith();
    await (await openedLater(dataDir)).close();
    expect(await tryUpgrade(dataDir)).toMatchObject({
      ok: false,
      error: { code: "newer-schema", found: later },
    });
  });
});

describe("a database that somebody has changed by hand", () => {
  test.for([
    ...changes,
    {
      what: "a row that breaks a rule of its table",
      change: sql`insert into local_messages (id, seq, platform_id, direction, text, failed, at)
        values ('m-1', 1, 'ana', 'up', 'hello', 0, ${evening})`,
      problem: "CHECK constraint failed in local_messages",
    },
  ])("is refused for $what, and untouched", async ({ change, problem }) => {
    const dataDir = await folderWith("local:ana");
    const opened = await openFile(centralFile(dataDir));
    if (!opened.ok) expect.fail(JSON.stringify(opened.error));
    const { db, close } = opened.value;
    await sql`pragma ignore_check_constraints = on`.execute(db);
    await change.execute(db);
    await close();
    const before = readFileSync(centralFile(dataDir));
    const refused = {
      ok: false,
      error: {
        code: "changed-by-hand",
        problems: expect.arrayContaining([expect.stringContaining(problem)]),
      },
    };
    expect(await tryUpgrade(dataDir, withOneMore)).toMatchObject(refused);
    expect(await openCentral(dataDir, at, withOneMore)).toMatchObject(refused);
    expect(await usersIn(centralFile(dataDir))).toContain("local:ana");
    expect(existsSync(backupsFolder(dataDir)) ? readdirSync(backupsFolder(dataDir)) : []).toEqual([]);
    expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
  });

  test.for(changes)(
    "is refused at the present schema for $what, by a start if something is missing",
    async (row) => {
      const dataDir = await folderWith("local:ana");
      await changed(dataDir, row.change);
      const before = readFileSync(centralFile(dataDir));
      const refused = { ok: false, error: { code: "changed-by-hand", problems: [row.problem] } };
      expect(await tryUpgrade(dataDir)).toMatchObject(refused);
      const isLess = row.what.endsWith("less");
      const shape = await checkShape({ dataDir, database: null });
      expect(shape?.message.includes(row.problem) ?? false).toBe(isLess);
      const opened = await openCentral(dataDir);
      if (opened.ok) await opened.value.close();
      expect(opened).toMatchObject(isLess ? refused : { ok: true });
      expect(readFileSync(centralFile(dataDir)).equals(before)).toBe(true);
    },
  );

  test("is told to a command that only reads, if it needs what is missing", async () => {
    const dataDir = await folderWith("local:ana");
    await changed(dataDir, sql`drop table user_dms`);
    const place = { dataDir, database: null };
    const error = { code: "changed-by-hand", message: expect.stringContaining("table user_dms") as unknown };
    expect(await readCentral(place, (db) => db.selectFrom("user_dms").selectAll().execute())).toMatchObject({
      ok: false,
      error,
    });
    expect(await readCentral(place, (db) => db.selectFrom("users").select("id").execute())).toEqual({
      ok: true,
      value: [{ id: "local:ana" }],
    });
  });

  test("may have an index and a view of the operator", async () => {
    const dataDir = await folderWith("local:ana");
    await changed(dataDir, ...additions);
    expect(await tryUpgrade(dataDir)).toMatchObject({ ok: true });
    await (await openedCentral(dataDir)).close();
    expect(await tryUpgrade(dataDir, withOneMore)).toMatchObject({ ok: true });
    await (await openedLater(dataDir)).close();
  });

  test("is refused for a row that names one that is not there", async () => {
    const dataDir = await folderWith("local:ana");
    const opened = await openFile(centralFile(dataDir));
    if (!opened.ok) expect.fail(JSON.stringify(opened.error));
    await sql`pragma foreign_keys = off`.execute(opened.value.db);
    await addRow(opened.value.db, "agent_group_members", { user_id: "local:ana", agent_group_id: "ag-9" });
    await opened.value.close();
    expect(await tryUpgrade(dataDir, withOneMore)).toMatchObject({
      ok: false,
      error: {
        problems: [expect.stringMatching(/^A row of agent_group_members .* names a row of agent_groups/)],
      },
    });
  });
});

describe("the way back", () => {
  test("names what is lost, puts the copy in place, and keeps the database from before", async () => {
    const dataDir = await folderWith("local:ana");
    const central = await openedLater(dataDir);
    await addRow(central.db, "users", { id: "local:bo" });
    await central.close();
    const copy = join(backupsFolder(dataDir), `gatehouse-v${present}-20261120T080000Z.db`);
    const planned = await planUndo(dataDir);
    expect(planned).toEqual({
      ok: true,
      value: {
        copy,
        version: present,
        copiedAt: "2026-11-20T08:00:00Z",
        present: later,
        tables: [
          { table: "one_more", now: rowsOfOneMore, then: 0 },
          { table: "users", now: 2, then: 1 },
        ],
      },
    });
    const kept = join(backupsFolder(dataDir), `gatehouse-v${later}-20261120T200000Z.db`);
    expect(await undoUpgrade(dataDir, { copy, present: later }, evening)).toEqual({ ok: true, value: kept });
    expect(await usersIn(centralFile(dataDir))).toEqual(["local:ana"]);
    expect(await usersIn(kept)).toEqual(["local:ana", "local:bo"]);
    await (await openedCentral(dataDir)).close();
    await (await openedLater(dataDir)).close();
  });

  test("has none without a copy of an older schema", async () => {
    const dataDir = await folderWith();
    expect(await planUndo(dataDir)).toEqual({ ok: true, value: null });
    await (await openedLater(dataDir)).close();
    const copy = join(backupsFolder(dataDir), `gatehouse-v${present}-20261120T080000Z.db`);
    await undoUpgrade(dataDir, { copy, present: later }, evening);
    expect(await planUndo(dataDir)).toEqual({ ok: true, value: null });
  });

  test("is refused for copies that cannot be listed, and for one that is not what its name says", async () => {
    const dataDir = await folderWith();
    const folder = backupsFolder(dataDir);
    writeFileSync(folder, "");
    expect(await planUndo(dataDir)).toMatchObject({
      error: {
        code: "undo-failed",
        detail: expect.stringContaining(`ENOTDIR: not a directory, scandir '${folder}'`),
      },
    });
    rmSync(folder);
    mkdirSync(folder);
    const copy = join(folder, "gatehouse-v2-20261120T080000Z.db");
    writeFileSync(copy, "");
    expect(await planUndo(dataDir)).toMatchObject({
      error: { code: "database-unusable", file: copy, detail: "its schema is 0, and its name says 2" },
    });
  });

  test("moves a log that a killed host left into the database that is kept", async () => {
    const dataDir = await folderWith("local:ana");
    const central = await openedLater(dataDir);
    await addRow(central.db, "users", { id: "local:bo" });
    const files = ["", "-wal", "-shm"].map((end) => `${centralFile(dataDir)}${end}`);
    const [left = [], log = []] = files.map((file) => [...readFileSync(file)]);
    await central.close();
    for (const file of files) rmSync(file, { force: true });
    writeFileSync(files[0]!, Uint8Array.from(left));
    writeFileSync(files[1]!, Uint8Array.from(log));
    const planned = await planUndo(dataDir);
    if (!planned.ok || planned.value === null) expect.fail(JSON.stringify(planned));
    const undone = await undoUpgrade(dataDir, planned.value, evening);
    if (!undone.ok) expect.fail(JSON.stringify(undone.error));
    expect(await usersIn(undone.value)).toEqual(["local:ana", "local:bo"]);
    expect(await usersIn(centralFile(dataDir))).toEqual(["local:ana"]);
  });
});
