import { sql } from "kysely";
import type { Json } from "@nc/cli-scope";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  at,
  onPostgres,
  openedCentral,
  temporaryFolder,
  planOf,
  addRow,
} from "@gatehouse/central-database/testing";
import type { Central } from "@gatehouse/central-database";
import { inTransaction } from "@gatehouse/command-context";
import type { IntentHandlers, IntentKind, IntentOutcome } from "./intent-handler.ts";
import { intentLoop, type HostName, type IntentLoop } from "./intent-loop.ts";
import { forgetOldIntents } from "./intent-rows.ts";

type LoopFixture = {
  readonly central: Central;
  readonly loop: IntentLoop;
  readonly bugs: unknown[];
  /** Writes an intent in a transaction, and returns its id. */
  readonly ask: (kind: IntentKind, payload?: Json) => Promise<string>;
};

const loopOn = async (
  central: Central,
  handlers: IntentHandlers,
  waitMs?: number,
  owner?: HostName,
): Promise<LoopFixture> => {
  let ids = 0;
  const bugs: unknown[] = [];
  const clock = { now: () => at, id: (prefix: string) => `${prefix}-${(ids += 1)}` };
  const report = (error: unknown): void => void bugs.push(error);
  const wait = { ...(waitMs === undefined ? {} : { waitMs }), ...(owner === undefined ? {} : { owner }) };
  const loop = intentLoop({ db: central.db, handlers, clock, report, ...wait });
  onTestFinished(loop.close);
  const source = { actor: { type: "host" }, command: "test it" } as const;
  const ask = async (kind: IntentKind, payload: Json = null): Promise<string> => {
    const asked = await inTransaction(central.db, (transaction, hooks) =>
      loop.ask({ transaction, hooks, source, reach: "all" }, async () => ({
        ok: true,
        value: { kind, payload },
      })),
    );
    return asked.ok ? asked.value : expect.fail(asked.error.message);
  };
  return { central, loop, bugs, ask };
};

const newLoop = async (handlers: IntentHandlers, waitMs?: number): Promise<LoopFixture> =>
  loopOn(await openedCentral(temporaryFolder()), handlers, waitMs);

const done = (data: unknown): IntentOutcome => ({ ok: true, value: { data } });

const rowsIn = ({ db }: Central) =>
  db.selectFrom("intents").select(["id", "outcome", "done_at"]).orderBy("id").execute();

const claimsIn = ({ db }: Central) => db.selectFrom("leases").select("owner").execute();

/** A promise, and the function that resolves it. */
const latch = (): { readonly open: () => void; readonly opened: Promise<void> } => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

describe("an intent", () => {
  test("an intent is carried out after the commit, and its outcome is written", async () => {
    const calls: unknown[] = [];
    const { central, loop, ask } = await newLoop({
      wake: async (...call) => {
        calls.push(call);
        return done("awake");
      },
    });
    const id = await ask("wake", { group: "ag-1" });
    expect(await loop.outcome(id)).toEqual(done("awake"));
    expect(calls).toEqual([[{ group: "ag-1" }, id]]);
    expect(await rowsIn(central)).toEqual([{ id, outcome: JSON.stringify(done("awake")), done_at: at }]);
    expect(await loop.outcome(id)).toEqual(done("awake"));
  });

  test("an intent is not carried out while its transaction is open", async () => {
    const { central, loop, ask } = await newLoop({
      wake: async () => {
        const open = await sql`select 1`.execute(central.db);
        return done(open.rows.length);
      },
    });
    expect(await loop.outcome(await ask("wake"))).toEqual(done(1));
  });

  test("an intent is dropped if its transaction is rolled back", async () => {
    const { central, loop } = await newLoop({ wake: async () => expect.fail("was carried out") });
    const source = { actor: { type: "host" }, command: "test it" } as const;
    const undone = await inTransaction(central.db, async (transaction, hooks) => {
      await loop.ask({ transaction, hooks, source, reach: "all" }, async () => ({
        ok: true,
        value: { kind: "wake", payload: null },
      }));
      return { ok: false, error: "no" };
    });
    expect(undone).toEqual({ ok: false, error: "no" });
    expect(await rowsIn(central)).toEqual([]);
  });

  test("an intent of a kind without a handler is refused, and not written", async () => {
    const { central, loop } = await newLoop({});
    const source = { actor: { type: "host" }, command: "test it" } as const;
    const asked = await inTransaction(central.db, (transaction, hooks) =>
      loop.ask({ transaction, hooks, source, reach: "all" }, async () => ({
        ok: true,
        value: { kind: "stop", payload: null },
      })),
    );
    expect(asked).toEqual({
      ok: false,
      error: { code: "handler-error", message: 'This host does not carry out "stop".' },
    });
    expect(await rowsIn(central)).toEqual([]);
  });

  test("an intent fails if its handler throws, and the error is reported", async () => {
    const bug = new Error("s3cret");
    const { loop, bugs, ask } = await newLoop({ wake: () => Promise.reject(bug) });
    const outcome = await loop.outcome(await ask("wake"));
    expect(outcome).toMatchObject({ ok: false, error: { code: "handler-error" } });
    expect(JSON.stringify(outcome)).not.toContain("s3cret");
    expect(bugs).toEqual([bug]);
  });

  test("outcome returns null after the maximum wait, and the outcome later", async () => {
    const { open, opened } = latch();
    const { loop, ask } = await newLoop({ wake: () => opened.then(() => done("late")) }, 20);
    const id = await ask("wake");
    expect(await loop.outcome(id)).toBeNull();
    open();
    await expect.poll(() => loop.outcome(id)).toEqual(done("late"));
  });

  test("an intent without sessions waits for an earlier intent of its kind, and for no other kind", async () => {
    const { open, opened } = latch();
    const order: string[] = [];
    const { loop, ask } = await newLoop({
      rebuild: async (_payload, id) => {
        if (id === "in-1") await opened;
        order.push(`rebuild ${id}`);
        return done(id);
      },
      wake: async () => {
        order.push("wake");
        return done(null);
      },
    });
    const first = await ask("rebuild");
    const second = await ask("rebuild");
    await loop.outcome(await ask("wake"));
    open();
    expect(await loop.outcome(second)).toEqual(done("in-2"));
    expect(await loop.outcome(first)).toEqual(done("in-1"));
    expect(order).toEqual(["wake", "rebuild in-1", "rebuild in-2"]);
  });
});

test("intents of one kind run concurrently for different sessions, and in order for the same session", async () => {
  const [first, events] = [latch(), [] as string[]];
  const { loop, ask } = await newLoop({
    restart: async (payload, id) => {
      events.push(`${id} begins`);
      if (id === "in-1") await first.opened;
      events.push(`${id} ends`);
      return done(payload);
    },
  });
  const ids = [];
  for (const sessionIds of [["a", "b"], ["b", "c"], ["c"], ["d"]])
    ids.push(await ask("restart", { sessionIds }));
  await loop.outcome("in-4");
  // The second waits for the first, and the third for the second.
  expect(events).toEqual(["in-1 begins", "in-4 begins", "in-4 ends"]);
  first.open();
  await Promise.all(ids.map((id) => loop.outcome(id)));
  expect(events.slice(3)).toEqual(
    ["in-1", "in-2", "in-3"].flatMap((id) => [`${id} begins`, `${id} ends`]).slice(1),
  );
});

test("at most eight intents of one kind run at once, and other kinds do not wait for them", async () => {
  const [open, running] = [latch(), new Set<string>()];
  let most = 0;
  const { loop, ask } = await newLoop({
    restart: async (_payload, id) => {
      running.add(id);
      most = Math.max(most, running.size);
      await open.opened;
      running.delete(id);
      return done(null);
    },
    stop: async () => done("stopped"),
  });
  const ids = [];
  for (let count = 0; count < 12; count += 1) ids.push(await ask("restart", { sessionIds: [`s-${count}`] }));
  await vi.waitFor(() => expect(running.size).toBe(8));
  expect(await loop.outcome(await ask("stop", { sessionIds: ["s-1"] }))).toEqual(done("stopped"));
  open.open();
  expect(await Promise.all(ids.map((id) => loop.outcome(id)))).toHaveLength(12);
  expect(most).toBe(8);
});

describe("a host that starts", () => {
  test("a starting host carries out the intents that the last host left open, and no intent with an outcome", async () => {
    const central = await openedCentral(temporaryFolder());
    await addRow(central.db, "intents", { id: "in-open", payload: "7" });
    await addRow(central.db, "intents", { id: "in-done", outcome: JSON.stringify(done(0)), done_at: at });
    const payloads: unknown[] = [];
    const { loop } = await loopOn(central, {
      reload: async (payload) => {
        payloads.push(payload);
        return done(payload);
      },
    });
    loop.start();
    expect(await loop.outcome("in-open")).toEqual(done(7));
    expect(payloads).toEqual([7]);
    expect(await loop.outcome("in-done")).toEqual(done(0));
  });

  test("a starting host ends an intent without a handler with an error", async () => {
    const central = await openedCentral(temporaryFolder());
    await addRow(central.db, "intents", { id: "in-odd", kind: "odd" });
    const { loop } = await loopOn(central, {});
    loop.start();
    expect(await loop.outcome("in-odd")).toMatchObject({ ok: false, error: { code: "handler-error" } });
  });
});

test("an intent that a handler writes is carried out at once after the handler's own intent", async () => {
  const central = await openedCentral(temporaryFolder());
  const { loop, ask } = await loopOn(central, {
    reload: async () => {
      await addRow(central.db, "intents", { id: "in-more", kind: "wake" });
      return done("read");
    },
    wake: async () => done("woken"),
  });
  expect(await loop.outcome(await ask("reload"))).toEqual(done("read"));
  expect(await loop.outcome("in-more")).toEqual(done("woken"));
});

describe("two hosts on one database", () => {
  const one = { name: "one-1", prefix: "one-" };
  const other = { name: "other-1", prefix: "other-" };
  const isOut = "2999-01-01T00:00:00.000Z";

  test("one host carries out an intent, and the other host gets its outcome", async () => {
    const { open, opened } = latch();
    const central = await openedCentral(temporaryFolder());
    const first = await loopOn(central, { wake: () => opened.then(() => done("by one")) }, undefined, one);
    const handler = async () => expect.fail("carried out twice");
    const second = await loopOn(central, { wake: handler }, undefined, other);
    const id = await first.ask("wake");
    await expect.poll(async () => (await claimsIn(central))[0]?.owner).toBe("one-1");
    second.loop.start();
    const waiting = second.loop.outcome(id);
    open();
    expect(await waiting).toEqual(done("by one"));
    expect(second.bugs).toEqual([]);
  });

  test("a host that lost its claim writes no outcome", async () => {
    const { open, opened } = latch();
    const central = await openedCentral(temporaryFolder());
    const { loop, ask } = await loopOn(central, { wake: () => opened.then(() => done("late")) }, 20, one);
    const id = await ask("wake");
    await expect.poll(async () => (await claimsIn(central))[0]?.owner).toBe("one-1");
    await central.db.updateTable("leases").set({ owner: "other-1", expires_at: isOut }).execute();
    open();
    await loop.close();
    expect(await rowsIn(central)).toEqual([{ id, outcome: null, done_at: null }]);
  });

  test.for([
    { what: "another host", owner: "other-1", expires_at: isOut, isCarriedOut: false },
    {
      what: "another host whose claim has expired",
      owner: "other-1",
      expires_at: at,
      isCarriedOut: true,
    },
    {
      what: "an earlier process of the same host",
      owner: "one-0",
      expires_at: isOut,
      isCarriedOut: true,
    },
  ])(
    "an intent claimed by $what is carried out at the start: $isCarriedOut",
    async ({ isCarriedOut, owner, expires_at }) => {
      const central = await openedCentral(temporaryFolder());
      await addRow(central.db, "intents", { id: "in-1", kind: "wake" });
      await addRow(central.db, "leases", { name: "in-1", session_id: null, owner, expires_at });
      const { loop } = await loopOn(central, { wake: async () => done("now") }, 1_000, one);
      loop.start();
      expect(await loop.outcome("in-1")).toEqual(isCarriedOut ? done("now") : null);
    },
  );
});

describe("a host that stops", () => {
  test("a closing host waits for running intents, and leaves the others to the next host", async () => {
    const { open, opened } = latch();
    const begun = latch();
    const { central, loop, ask } = await newLoop({
      rebuild: async () => {
        begun.open();
        await opened;
        return done("built");
      },
    });
    const first = await ask("rebuild");
    const second = await ask("rebuild");
    await begun.opened;
    const waiting = loop.outcome(second);
    const closed = loop.close();
    expect(await waiting).toBeNull();
    open();
    await closed;
    expect(await rowsIn(central)).toEqual([
      { id: first, outcome: JSON.stringify(done("built")), done_at: at },
      { id: second, outcome: null, done_at: null },
    ]);
  });
});

test("an intent that a closing host did not carry out stays open, and the next host carries it out", async () => {
  const central = await openedCentral(temporaryFolder());
  let tries = 0;
  const closing = await loopOn(
    central,
    {
      wake: async () => {
        tries += 1;
        return null;
      },
    },
    20,
  );
  const id = await closing.ask("wake");
  expect(await closing.loop.outcome(id)).toBeNull();
  await closing.loop.close();
  expect(tries).toBe(1);
  expect(await rowsIn(central)).toEqual([{ id, outcome: null, done_at: null }]);
  const next = await loopOn(central, { wake: async () => done("awake") });
  next.loop.start();
  expect(await next.loop.outcome(id)).toEqual(done("awake"));
});

describe("old intents", () => {
  test("intents and their leases are deleted 90 days after the outcome, and open intents are kept", async () => {
    const { db } = await openedCentral(temporaryFolder());
    const outcome = JSON.stringify(done(0));
    await addRow(db, "intents", { id: "in-open" });
    await addRow(db, "intents", { id: "in-old", outcome, done_at: "2026-08-22T08:00:00.000Z" });
    await addRow(db, "intents", { id: "in-new", outcome, done_at: "2026-08-22T08:00:00.001Z" });
    for (const name of ["in-old", "in-new"]) await addRow(db, "leases", { name, session_id: null });
    await forgetOldIntents(db, "2026-11-20T08:00:00.000Z");
    const left = await db.selectFrom("intents").select("id").orderBy("id").execute();
    expect(left).toEqual([{ id: "in-new" }, { id: "in-open" }]);
    expect(await db.selectFrom("leases").select("name").execute()).toEqual([{ name: "in-new" }]);
  });

  test.for([
    {
      what: "open intents",
      query: "select * from intents where done_at is null order by created_at, id",
      found: /\(done_at IS NULL\)/,
    },
    {
      what: "old intents",
      query: "delete from intents where done_at <= '2026'",
      found: /\(done_at <= '2026'/,
    },
  ])("$what are found by an index, and SQLite sorts nothing", async ({ query, found }) => {
    const { db } = await openedCentral(temporaryFolder());
    // On PostgreSQL the choice between two indexes follows its statistics: those of an empty table, which a worker of
    // the server may make at any moment, say that both cost the same.
    for (let count = 0; count < 200; count += 1)
      await addRow(db, "intents", { id: `in-${count}`, outcome: "{}", done_at: "2027-01-01T00:00:00.000Z" });
    if (onPostgres) await sql`analyze intents`.execute(db);
    const plan = await planOf(db, query);
    // PostgreSQL does not treat null as an equal value: it sorts the rows that the index found.
    const condition = new RegExp(`Index Scan using intents_done_at.*\\n *Index Cond: ${found.source}`);
    expect(plan).toMatch(onPostgres ? condition : /^SEARCH intents USING .*INDEX intents_done_at/);
    expect(plan).not.toContain("TEMP B-TREE");
  });
});
