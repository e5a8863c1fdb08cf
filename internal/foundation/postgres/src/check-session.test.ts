// @module-tag rest
import process from "node:process";
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openPostgres, openReading } from "./open-postgres.ts";
import { pooler } from "./pooler.fixture.ts";
import { noOwnServer, ownServer } from "./server.fixture.ts";

type Tables = { notes: { id: string } };

const url = process.env["GATEHOUSE_TEST_POSTGRES"] ?? "";
const slow = { tags: ["slow"] };
const quick = { patienceMs: 300 };

const onServer = async (connectionString: string, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text);
  await client.end();
};

const open = async (at: string) => {
  const database = await openPostgres<Tables>({ url: at, shown: "" }, quick);
  onTestFinished(database.close);
  return database;
};

const readOnce = async (at: string, needsWriter = false): Promise<unknown> => {
  const reading = await openReading({ url: at, shown: "" }, { ...quick, needsWriter });
  try {
    return await sql`select 1`.execute(reading);
  } finally {
    await reading.destroy();
  }
};

describe.skipIf(url === "")("a pooler (skipped without GATEHOUSE_TEST_POSTGRES)", () => {
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  beforeAll(() => onServer(url, `create schema ${schema}`));
  afterAll(() => onServer(url, `drop schema ${schema} cascade`));
  const own = `${url}&options=-c%20search_path%3D${schema}`;

  test.for(["last", "first"] as const)(
    "is refused if it gives each transaction another session, the %s that is free",
    async (takes) => {
      const at = pooler(own, "transaction", takes);
      const pooled = { code: "POSTGRES_POOLED" };
      await expect(open(at)).rejects.toMatchObject(pooled);
      await expect(readOnce(at)).rejects.toMatchObject(pooled);
      const other = new pg.Client({ connectionString: at });
      await other.connect();
      // A setting would stay in the shared session, for other programs.
      const { rows } = await other.query("show default_transaction_read_only");
      expect(rows).toEqual([{ default_transaction_read_only: "off" }]);
      await other.end();
    },
  );

  test("works if each client keeps its session", async () => {
    const { db } = await open(pooler(own, "session"));
    await sql`create table notes (id text primary key)`.execute(db);
    await db.insertInto("notes").values({ id: "a" }).execute();
    expect(await db.selectFrom("notes").selectAll().execute()).toEqual([{ id: "a" }]);
  });
});

describe.skipIf(noOwnServer !== null)(`a server of no use (${noOwnServer ?? "one of our own"})`, slow, () => {
  test("counts as away while it is a standby, and works after its promotion", async () => {
    const { url: at, demote, promote } = ownServer();
    await onServer(at, "create table notes (id text primary key)");
    const { db, loop, reading } = await open(at);
    await sql`select 1`.execute(reading);
    demote();
    const standby = { code: "POSTGRES_READ_ONLY", message: "the server only reads: it is a standby" };
    for (const each of [db, loop, reading])
      // The first query finds the session that the server has closed.
      await expect
        .poll(() =>
          sql`select 1`.execute(each).then(
            () => null,
            (error: unknown) => error,
          ),
        )
        .toMatchObject(standby);
    await expect(open(at)).rejects.toMatchObject(standby);
    await expect(readOnce(at, true)).rejects.toMatchObject(standby);
    await readOnce(at);
    promote();
    await expect
      .poll(() =>
        db
          .insertInto("notes")
          .values({ id: "a" })
          .execute()
          .then(() => "saved", String),
      )
      .toBe("saved");
    expect(await reading.selectFrom("notes").selectAll().execute()).toEqual([{ id: "a" }]);
  });

  test("replaces the session in which a write was refused", async () => {
    const { url: at } = ownServer();
    await onServer(at, "create table notes (id text primary key)");
    const { db } = await open(at);
    const setTo = (value: string): Promise<void> =>
      onServer(at, `alter database postgres set default_transaction_read_only = ${value}`);
    await sql`set default_transaction_read_only = on`.execute(db);
    const write = () =>
      db
        .transaction()
        .execute((transaction) => transaction.insertInto("notes").values({ id: "a" }).execute());
    await expect(write()).rejects.toMatchObject({ code: "POSTGRES_READ_ONLY" });
    await write();
    await setTo("on");
    await expect(open(at)).rejects.toMatchObject({
      message: "the server only reads: default_transaction_read_only is on",
    });
  });

  test.for(["LATIN1", "SQL_ASCII"])("is refused if its encoding is %s", async (encoding) => {
    const { url: at } = ownServer();
    await onServer(at, `create database old encoding '${encoding}' template template0 locale 'C'`);
    await expect(open(at.replace("/postgres?", "/old?"))).rejects.toMatchObject({
      code: "POSTGRES_ENCODING",
      message: `its encoding is ${encoding}, not UTF8`,
    });
  });

  test("is read committed for us, where the database has another isolation", async () => {
    const { url: at } = ownServer();
    await onServer(at, "alter database postgres set default_transaction_isolation = 'serializable'");
    const { db, loop, reading } = await open(at);
    for (const each of [db, loop, reading])
      expect((await sql`show transaction_isolation`.execute(each)).rows).toEqual([
        { transaction_isolation: "read committed" },
      ]);
  });

  test.for([
    { what: "no password", password: "", message: "it asks for a password, and none was given" },
    { what: "a wrong password", password: ":wrong", message: "password authentication failed" },
  ])("is refused by SCRAM with $what", async ({ password, message }) => {
    const { url: at, askForPasswords } = ownServer();
    await onServer(at, "create role ana login password 'right'");
    askForPasswords();
    await expect(open(at.replace("postgres@", `ana${password}@`))).rejects.toMatchObject({
      code: "POSTGRES_PASSWORD",
      message: expect.stringContaining(message) as unknown,
    });
  });

  test("says that no connection is free", async () => {
    const { url: at } = ownServer();
    await onServer(at, "create role ana login connection limit 0");
    await expect(open(at.replace("postgres@", "ana@"))).rejects.toMatchObject({ code: "POSTGRES_CROWDED" });
  });
});
