// @module-tag rest
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { randomUUID } from "node:crypto";
import { sql, type Kysely } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { isHostAway, keptAway, lockHolders } from "./host-lock.ts";
import { openPostgres, type OpenOptions, type Postgres } from "./open-postgres.ts";
import { cuttingProxy } from "./cutting-proxy.fixture.ts";
import { noOwnServer, ownServer } from "./server.fixture.ts";

type Tables = { notes: { id: string } };

const server = process.env["GATEHOUSE_TEST_POSTGRES"];
const schema = `run_${randomUUID().replaceAll("-", "")}`;
const url = `${server}&options=-c%20search_path%3D${schema}`;
const slow = { tags: ["slow"] };

const withoutDatabase = server?.replace(/\/[^/?]*\?/, "/none?") ?? "";

/** Runs a statement as an administrator. */
const onServer = async (text: string, connectionString = server): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text);
  await client.end();
};

const opened = async (at: string = url, options?: OpenOptions): Promise<Postgres<Tables>> => {
  const database = await openPostgres<Tables>({ url: at, shown: "" }, options);
  onTestFinished(database.close);
  return database;
};

const pidOf = async (db: Kysely<Tables>): Promise<number> => {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return rows[0]?.pid ?? 0;
};

const notesIn = async ({ reading }: Postgres<Tables>): Promise<readonly string[]> =>
  (await reading.selectFrom("notes").select("id").orderBy("id").execute()).map(({ id }) => id);

describe.skipIf(server === undefined)("openPostgres (skipped without GATEHOUSE_TEST_POSTGRES)", () => {
  beforeAll(() => onServer(`create schema ${schema}; create table ${schema}.notes (id text primary key)`));
  afterAll(() => onServer(`drop schema ${schema} cascade`));

  test("refuses a second program and names the first, until that closes", slow, async () => {
    const first = await openPostgres<Tables>({ url, shown: "" });
    await expect(openPostgres({ url, shown: "" })).rejects.toMatchObject({
      code: "POSTGRES_TAKEN",
      message: expect.stringMatching(`gatehouse pid ${process.pid} on .*, since 20`) as unknown,
    });
    await first.close();
    await opened();
  });

  test(
    "refuses an exclusive program while shared hosts run, and shared hosts while it runs",
    slow,
    async () => {
      const shared = { isShared: true };
      const [one, other] = [await openPostgres({ url, shown: "" }, shared), await opened(url, shared)];
      await expect(openPostgres({ url, shown: "" })).rejects.toMatchObject({ code: "POSTGRES_TAKEN" });
      expect(await lockHolders(one.reading)).toHaveLength(2);
      await one.close();
      await other.close();
      await opened();
      await expect(openPostgres({ url, shown: "" }, shared)).rejects.toMatchObject({
        code: "POSTGRES_TAKEN",
      });
    },
  );

  test("makes a transaction of one host wait for that of another", async () => {
    const shared = { isShared: true };
    const [one, other] = [await opened(url, shared), await opened(url, shared)];
    const first = await one.db.startTransaction().execute();
    await first.insertInto("notes").values({ id: "waited-for" }).execute();
    const order: string[] = [];
    const second = other.db.transaction().execute(async (transaction) => {
      order.push("second");
      return transaction.selectFrom("notes").select("id").where("id", "=", "waited-for").execute();
    });
    await other.reading.selectFrom("notes").select("id").execute();
    order.push("first");
    await first.commit().execute();
    expect(await second).toEqual([{ id: "waited-for" }]);
    expect(order).toEqual(["first", "second"]);
    await one.db.deleteFrom("notes").where("id", "=", "waited-for").execute();
  });

  test(
    "ends the transaction of a silent host within seconds, and lets other hosts continue",
    slow,
    async () => {
      const shared = { isShared: true };
      const [one, other] = [await opened(url, shared), await opened(url, shared)];
      let go = (): void => {};
      const gone = new Promise<void>((resolve) => (go = resolve));
      let begun = (): void => {};
      const hasBegun = new Promise<void>((resolve) => (begun = resolve));
      const stopped = one.db.transaction().execute(async (transaction) => {
        await transaction.insertInto("notes").values({ id: "stopped" }).execute();
        begun();
        await gone;
      });
      await hasBegun;
      await other.db.transaction().execute((transaction) => sql`select 1`.execute(transaction));
      go();
      await expect(stopped).rejects.toMatchObject({ code: "POSTGRES_AWAY" });
      expect(await notesIn(other)).not.toContain("stopped");
      // By now this is a new session.
      await one.db.transaction().execute((transaction) => sql`select 1`.execute(transaction));
    },
  );

  test("shows whether the host of a name has its session, also after the session was cut", slow, async () => {
    const looking = await opened(url, { isShared: true, hostName: "other" });
    const isAway = async (name: string): Promise<boolean> => {
      const { rows } = await sql<{ away: boolean }>`select ${isHostAway(sql.val(name))} as away`.execute(
        looking.loop,
      );
      return rows[0]?.away ?? false;
    };
    const host = await openPostgres<Tables>({ url, shown: "" }, { isShared: true, hostName: "box-1" });
    expect([await isAway("box-1"), await isAway("box-2")]).toEqual([false, true]);
    await onServer(`select pg_terminate_backend(${await pidOf(host.db)})`);
    await expect.poll(() => isAway("box-1")).toBe(true);
    await pidOf(host.db);
    expect(await isAway("box-1")).toBe(false);
    await host.close();
    await expect.poll(() => isAway("box-1")).toBe(true);
  });

  test(
    "shows a host that is away to all that look at once, and keeps it away for one that acts",
    slow,
    async () => {
      const shared = { isShared: true };
      const [one, other] = [
        await opened(url, { ...shared, hostName: "looker-1" }),
        await opened(url, { ...shared, hostName: "looker-2" }),
      ];
      const said = async (db: Kysely<Tables>, how: typeof isHostAway): Promise<boolean | undefined> => {
        const name = sql.val("gone-1");
        const { rows } = await sql<{ is: boolean }>`select ${how(name)} as is`.execute(db);
        return rows[0]?.is;
      };
      await one.loop.transaction().execute(async (looking) => {
        expect([await said(looking, isHostAway), await said(other.loop, isHostAway)]).toEqual([true, true]);
        expect(await said(other.loop, keptAway)).toBe(true);
        expect(await said(looking, keptAway)).toBe(true);
        // The lock of the one that acts is not the host's.
        expect(await said(other.loop, isHostAway)).toBe(true);
        expect(await said(other.loop, keptAway)).toBe(false);
      });
      const host = await openPostgres<Tables>({ url, shown: "" }, { ...shared, hostName: "gone-1" });
      expect([await said(one.loop, isHostAway), await said(one.loop, keptAway)]).toEqual([false, false]);
      await host.close();
      await expect.poll(() => said(one.loop, isHostAway)).toBe(true);
    },
  );

  test("refuses writes in a reading session", async () => {
    const { reading } = await opened();
    await expect(reading.insertInto("notes").values({ id: "read" }).execute()).rejects.toMatchObject({
      code: "POSTGRES_REFUSED",
    });
  });

  test("compares with an empty list, as SQLite does", async () => {
    const database = await opened();
    await database.db.insertInto("notes").values({ id: "one" }).execute();
    const found = (how: "in" | "not in") =>
      database.db.selectFrom("notes").select("id").where("id", how, []).execute();
    expect(await found("in")).toEqual([]);
    expect(await found("not in")).toEqual([{ id: "one" }]);
    const within = database.reading;
    expect(await within.selectFrom("notes").select("id").where("id", "in", []).execute()).toEqual([]);
    await database.db.deleteFrom("notes").execute();
  });

  test("loses only the transaction of a session that is cut, and the next one works", async () => {
    const database = await opened();
    const cut = database.db.transaction().execute(async (transaction) => {
      await transaction.insertInto("notes").values({ id: "lost" }).execute();
      await onServer(`select pg_terminate_backend(${await pidOf(transaction)})`);
      await transaction.insertInto("notes").values({ id: "lost too" }).execute();
    });
    await expect(cut).rejects.toMatchObject({ code: "POSTGRES_AWAY" });
    await database.db.insertInto("notes").values({ id: "kept" }).execute();
    expect(await notesIn(database)).toEqual(["kept"]);
  });

  test("replaces an idle session that was cut, and acquires the lock again", slow, async () => {
    const database = await opened();
    await onServer(`select pg_terminate_backend(${await pidOf(database.db)}, 10000)`);
    await expect.poll(() => pidOf(database.db).catch(() => 0)).toBeGreaterThan(0);
    await expect(openPostgres({ url, shown: "" })).rejects.toMatchObject({ code: "POSTGRES_TAKEN" });
  });

  test("writes nothing in a session that lost the lock to another program", slow, async () => {
    const database = await opened();
    const pid = await pidOf(database.db);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    const taken = other.query("select pg_advisory_lock(1734440037, hashtext(current_schema()))");
    await onServer(`select pg_terminate_backend(${pid}, 10000)`);
    await taken;
    const write = () => database.db.insertInto("notes").values({ id: "fenced" }).execute();
    await expect.poll(() => write().catch((error: { code: string }) => error.code)).toBe("POSTGRES_TAKEN");
    await other.end();
    expect(await notesIn(database)).not.toContain("fenced");
  });

  test.for([
    { cut: "after", expected: { code: "POSTGRES_UNSURE", notes: ["after"] } },
    { cut: "before", expected: { code: "POSTGRES_UNSURE", notes: [] } },
  ] as const)(
    "reports an unknown outcome of a commit whose answer is cut off $cut the server committed",
    async ({ cut, expected }) => {
      const database = await opened(cuttingProxy(url, cut));
      const done = database.db.transaction().execute(async (transaction) => {
        await transaction.insertInto("notes").values({ id: cut }).execute();
      });
      const code = await done.then(
        () => "ok",
        (error: { code: string }) => error.code,
      );
      const notes = (await notesIn(database)).filter((id) => id === cut);
      expect({ code, notes }).toEqual(expected);
    },
  );

  test.for([
    { what: "does not exist", at: withoutDatabase, code: "POSTGRES_REFUSED" },
    { what: "no server serves", at: "postgresql:///none?host=/proc/nowhere", code: "POSTGRES_AWAY" },
    { what: "is at a closed port", at: "postgresql://127.0.0.1:1/none", code: "POSTGRES_AWAY" },
    { what: "has no schema", at: `${server}&options=-c%20search_path%3Dnone`, code: "POSTGRES_REFUSED" },
  ])("fails as $code within the patience for a database that $what", async ({ at, code }) => {
    await expect(openPostgres({ url: at, shown: "" }, { patienceMs: 300 })).rejects.toMatchObject({ code });
  });
});

describe.skipIf(noOwnServer !== null)(
  `openPostgres and a server that stops (${noOwnServer ?? "one of our own"})`,
  () => {
    test("loses no acknowledged write if the server is restarted under load", slow, async () => {
      const { url: at, start, stop } = ownServer();
      await onServer("create table notes (id text primary key)", at);
      const database = await opened(at);
      const told: string[] = [];
      let isOver = false;
      const write = async (name: string): Promise<void> => {
        for (let count = 0; !isOver; count += 1) {
          const id = `${name}-${count}`;
          const saved = database.db.transaction().execute(async (transaction) => {
            await transaction.insertInto("notes").values({ id }).execute();
          });
          // Any other error is a bug.
          await saved.then(
            () => told.push(id),
            (error: { code: string }) => expect(["POSTGRES_AWAY", "POSTGRES_UNSURE"]).toContain(error.code),
          );
        }
      };
      const writers = ["a", "b", "c", "d"].map(write);
      for (const how of ["fast", "immediate", "immediate"] as const) {
        const before = told.length;
        await expect.poll(() => told.length).toBeGreaterThan(before + 20);
        stop(how);
        start();
      }
      const before = told.length;
      await expect.poll(() => told.length).toBeGreaterThan(before + 20);
      isOver = true;
      await Promise.all(writers);
      const there = new Set(await notesIn(database));
      expect(told.filter((id) => !there.has(id))).toEqual([]);
    });

    test("waits once in all for a server that is down, once the program ends", slow, async () => {
      const { url: at, stop } = ownServer();
      // Without the hurry each query would wait for an hour.
      const database = await opened(at, { patienceMs: 3_600_000 });
      stop("fast");
      let tries = 0;
      const door = createServer((connection) => void ((tries += 1), connection.destroy()));
      door.listen(`${/host=([^&]+)/.exec(at)?.[1]}/.s.PGSQL.5432`);
      onTestFinished(() => void door.close());
      await once(door, "listening");
      database.hurry();
      const triesOf = async (each: Kysely<Tables>): Promise<number> => {
        tries = 0;
        await expect(sql`select 1`.execute(each)).rejects.toMatchObject({ code: "POSTGRES_AWAY" });
        return tries;
      };
      // With a time of its own, each would try again and again each time.
      const most = async (): Promise<number> => {
        let tried = 0;
        for (const each of [database.db, database.loop, database.reading])
          tried = Math.max(tried, await triesOf(each));
        return tried;
      };
      await expect.poll(most).toBeLessThanOrEqual(1);
      await database.close();
    });

    test(
      "fails a query after its patience while the server is down, and works after the restart",
      slow,
      async () => {
        const { url: at, start, stop } = ownServer();
        await onServer("create table notes (id text primary key)", at);
        const database = await opened(at, { patienceMs: 300 });
        stop("fast");
        await expect(notesIn(database)).rejects.toMatchObject({ code: "POSTGRES_AWAY" });
        await expect(database.db.insertInto("notes").values({ id: "a" }).execute()).rejects.toMatchObject({
          code: "POSTGRES_AWAY",
        });
        start();
        await database.db.insertInto("notes").values({ id: "b" }).execute();
        expect(await notesIn(database)).toEqual(["b"]);
      },
    );
  },
);
