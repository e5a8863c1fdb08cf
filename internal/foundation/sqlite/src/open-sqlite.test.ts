import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CompiledQuery, sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { openSqlite, type Sqlite } from "./open-sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "open sqlite %41 #? "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Notes = { notes: { id: string; text: string | null } };

let count = 0;
const openNew = async (
  file = join(folder, `${(count += 1)}.db`),
): Promise<{ file: string; sqlite: Sqlite<Notes> }> => {
  const opened = await openSqlite<Notes>(file);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  await sql`create table if not exists notes (id text primary key, text text)`.execute(opened.value.db);
  return { file, sqlite: opened.value };
};

describe("openSqlite", () => {
  test("makes a file that only its owner reads, with a write-ahead log and foreign keys", async () => {
    const { file, sqlite } = await openNew();
    const pragmas = ["journal_mode", "foreign_keys", "synchronous", "busy_timeout"];
    const found = await Promise.all(
      pragmas.map(
        async (name) => Object.values((await sql.raw(`pragma ${name}`).execute(sqlite.db)).rows[0] ?? {})[0],
      ),
    );
    expect(found).toEqual(["wal", 1, 1, 0]);
    for (const name of ["", "-wal", "-shm"]) expect(statSync(file + name).mode & 0o777).toBe(0o600);
    await sqlite.close();
  });

  test("keeps the mode of a database that exists", async () => {
    const { file, sqlite } = await openNew();
    await sqlite.close();
    chmodSync(file, 0o660);
    const again = await openNew(file);
    expect(statSync(file).mode & 0o777).toBe(0o660);
    await again.sqlite.close();
  });

  test("changes nothing of a program that it takes for no database", async () => {
    const file = join(folder, "program");
    writeFileSync(file, "#!/bin/sh\nexit 0\n");
    chmodSync(file, 0o755);
    expect(await openSqlite(file)).toEqual({ ok: false, error: { code: "not-a-database", file } });
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(readFileSync(file, "utf8")).toBe("#!/bin/sh\nexit 0\n");
  });

  test("names the system's reason and the path of a file that it cannot read", async () => {
    const file = join(folder, "none", "notes.db");
    expect(await openSqlite(file, { readOnly: true })).toMatchObject({
      error: { code: "database-unusable", detail: `ENOENT: no such file or directory, access '${file}'` },
    });
  });

  test("leaves a complete file without logs when closed, and may be closed twice", async () => {
    const { file, sqlite } = await openNew();
    await sqlite.db.insertInto("notes").values({ id: "a", text: "kept" }).execute();
    await sqlite.close();
    await sqlite.close();
    const alone = join(folder, "alone.db");
    writeFileSync(alone, readFileSync(file));
    const again = await openNew(alone);
    expect(await again.sqlite.db.selectFrom("notes").selectAll().execute()).toEqual([
      { id: "a", text: "kept" },
    ]);
    await again.sqlite.close();
  });

  test("waits for an open transaction before it closes", async () => {
    const { file, sqlite } = await openNew();
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const writing = sqlite.db.transaction().execute(async (transaction) => {
      await transaction.insertInto("notes").values({ id: "a", text: "kept" }).execute();
      await held;
    });
    const closing = sqlite.close();
    finish();
    await Promise.all([writing, closing]);
    const again = await openNew(file);
    expect(await again.sqlite.db.selectFrom("notes").selectAll().execute()).toHaveLength(1);
    await again.sqlite.close();
  });

  test("keeps the log of a file opened twice by one process, after another program read it", async () => {
    const { file, sqlite } = await openNew();
    const second = await openNew(file);
    await sqlite.db.insertInto("notes").values({ id: "a", text: "kept" }).execute();
    const look =
      "const db = new (require('libsql'))(process.argv[1]); db.exec('select * from notes'); db.close()";
    execFileSync(process.execPath, ["-e", look, file], { cwd: fileURLToPath(new URL(".", import.meta.url)) });
    expect(existsSync(`${file}-wal`)).toBe(true);
    await sqlite.close();
    await second.sqlite.close();
  });

  test("closes a connection that was never used", async () => {
    const opened = await openSqlite(join(folder, "never asked.db"));
    if (opened.ok) await opened.value.close();
    expect(opened.ok).toBe(true);
  });

  test.each([
    { what: "is a folder", file: folder, code: "database-unusable" },
    { what: "is in no folder", file: join(folder, "none", "x.db"), code: "database-unusable" },
  ])("fails for a file that $what", async ({ file, code }) => {
    expect(await openSqlite(file)).toMatchObject({ ok: false, error: { code, file } });
  });

  test("fails for a file that is not a database, and does not change it", async () => {
    const file = join(folder, "text.db");
    const text = "no database at all\n".repeat(100);
    writeFileSync(file, text);
    expect(await openSqlite(file)).toEqual({ ok: false, error: { code: "not-a-database", file } });
    expect(await openSqlite(file, { readOnly: true })).toEqual({
      ok: false,
      error: { code: "not-a-database", file },
    });
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("reads but does not write with readOnly, and does not create a missing file", async () => {
    const { file, sqlite } = await openNew();
    await sqlite.close();
    const opened = await openSqlite<Notes>(file, { readOnly: true });
    if (!opened.ok) throw new Error(opened.error.code);
    expect(await opened.value.db.selectFrom("notes").selectAll().execute()).toEqual([]);
    await expect(
      opened.value.db.insertInto("notes").values({ id: "a", text: null }).execute(),
    ).rejects.toMatchObject({
      code: "SQLITE_READONLY",
    });
    await opened.value.close();
    const missing = join(folder, "missing.db");
    expect(await openSqlite(missing, { readOnly: true })).toMatchObject({ ok: false });
    expect(() => statSync(missing)).toThrow("ENOENT");
  });
});

describe("openSqlite's reading connection", () => {
  test("sees committed rows, and none of an open transaction", async () => {
    const { sqlite } = await openNew();
    await sqlite.db.insertInto("notes").values({ id: "a", text: "first" }).execute();
    const note = (id: string) =>
      sqlite.reading.selectFrom("notes").select("text").where("id", "=", id).limit(1).executeTakeFirst();
    await sqlite.db.transaction().execute(async (transaction) => {
      await transaction.updateTable("notes").set({ text: "second" }).execute();
      expect(await note("a")).toEqual({ text: "first" });
    });
    expect(await note("a")).toEqual({ text: "second" });
    expect(await note("b")).toBeUndefined();
    await sqlite.close();
  });

  test("cannot write", async () => {
    const { sqlite } = await openNew();
    const { reading } = sqlite;
    const values = { id: "a", text: "b" };
    await expect(reading.insertInto("notes").values(values).execute()).rejects.toThrow("readonly");
    await expect(
      reading.transaction().execute((within) => within.deleteFrom("notes").execute()),
    ).rejects.toThrow("readonly");
    expect(await reading.selectFrom("notes").selectAll().execute()).toEqual([]);
    await sqlite.close();
  });

  test("answers a compiled query during its own transaction", async () => {
    const { sqlite } = await openNew();
    const count = CompiledQuery.raw("select count(*) as count from notes");
    const insert = CompiledQuery.raw("insert into notes values ('a', null) returning id");
    const seen: unknown[] = [];
    let asked: Promise<unknown> = Promise.resolve();
    await sqlite.reading.transaction().execute(async (within) => {
      seen.push((await within.executeQuery(count)).rows);
      await sqlite.db.insertInto("notes").values({ id: "b", text: null }).execute();
      asked = sqlite.reading.executeQuery(count).then(({ rows }) => seen.push(rows));
      seen.push((await within.executeQuery(count)).rows);
    });
    await asked;
    expect(seen).toEqual([[{ count: 0 }], [{ count: 0 }], [{ count: 1 }]]);
    await expect(sqlite.reading.executeQuery(insert)).rejects.toThrow("readonly");
    await sqlite.close();
    await expect(sqlite.reading.executeQuery(count)).rejects.toThrow("closed");
  });

  test("is closed with the file, even if it was never used", async () => {
    const { sqlite } = await openNew();
    await sqlite.close();
    await expect(sqlite.reading.selectFrom("notes").selectAll().execute()).rejects.toThrow("closed");
    const used = await openNew();
    await used.sqlite.reading.selectFrom("notes").selectAll().execute();
    await used.sqlite.close();
    await expect(used.sqlite.reading.selectFrom("notes").selectAll().execute()).rejects.toThrow("destroyed");
  });

  test("answers a query with limit 1 after the same query with a higher limit", async () => {
    const { sqlite } = await openNew();
    await sqlite.db.insertInto("notes").values({ id: "a", text: null }).execute();
    for (const from of [sqlite.db, sqlite.reading]) {
      const found = async (id: string, limit: number) =>
        (await from.selectFrom("notes").select("id").where("id", "=", id).limit(limit).execute()).map(
          (row) => row.id,
        );
      expect([await found("a", 10), await found("none", 1), await found("a", 1)]).toEqual([["a"], [], ["a"]]);
      expect([await found("none", 10), await found("a", 1), await found("none", 1)]).toEqual([[], ["a"], []]);
    }
    await sqlite.close();
  });

  test("returns the row of a query with limit 1 unchanged, or no row", async () => {
    const { sqlite } = await openNew();
    await sqlite.db
      .insertInto("notes")
      .values([
        { id: "a", text: null },
        { id: "b", text: "2" },
      ])
      .execute();
    for (const db of [sqlite.db, sqlite.reading]) {
      const notes = db.selectFrom("notes").selectAll().orderBy("id");
      expect(await notes.limit(1).execute()).toEqual([{ id: "a", text: null }]);
      expect(await notes.limit(2).execute()).toHaveLength(2);
      expect(await notes.where("id", "=", "c").limit(1).execute()).toEqual([]);
      // A limit in a subquery is not a limit of the whole query.
      const first = db.selectFrom("notes").select("id").orderBy("id").limit(1);
      expect(await db.selectFrom("notes").select("id").where("id", "not in", first).execute()).toEqual([
        { id: "b" },
      ]);
    }
    await sqlite.close();
  });
});

describe("values of a statement", () => {
  test.each([
    { what: "true, on which libsql ends the process", value: true },
    { what: "undefined", value: undefined },
    { what: "an object", value: {} },
    { what: "a text with NUL, of which libsql reads the start", value: "a\0b" },
    { what: "an integer that a number does not hold", value: 2n ** 53n + 1n },
    { what: "NaN", value: Number.NaN },
  ])("are refused before the driver gets them: $what", async ({ value }) => {
    const { sqlite } = await openNew();
    await expect(sql`select ${value} as v`.execute(sqlite.db)).rejects.toThrow("Not a value for SQLite");
    await expect(sql`select ${value} as v limit ${1}`.execute(sqlite.reading)).rejects.toThrow(
      "Not a value for SQLite",
    );
    await sqlite.close();
  });

  test.each([
    { value: null },
    { value: "text" },
    { value: "" },
    { value: 5 },
    { value: 0.5 },
    { value: -1e300 },
  ])("are returned unchanged: $value", async ({ value }) => {
    const { sqlite } = await openNew();
    expect((await sql`select ${value} as v`.execute(sqlite.db)).rows).toEqual([{ v: value }]);
    expect((await sql`select ${value} as v limit ${1}`.execute(sqlite.reading)).rows).toEqual([{ v: value }]);
    await sqlite.close();
  });
});
