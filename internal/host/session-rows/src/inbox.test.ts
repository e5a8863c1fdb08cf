import { expect, test } from "vitest";
import type { Kysely, QueryId } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { appendMessages, withdrawMessage, type HostInbox } from "./inbox.ts";
import { abandonedSessions, giveBackIdle, giveBackLease, takeLease, wantedSessions } from "./leases.ts";
import { sessionSignals } from "./rows/session-signals.ts";
import { openAgentSide } from "./rows/agent-side.ts";
import { openHostSide, project } from "./rows/host-side.ts";
import { releaseMessages } from "./rows/inbound.ts";
import { claim, finish, inbound, must, poll, projectionOf, start } from "./testing/contract-case.ts";
import { describeOnBoth } from "./two-hosts.fixture.ts";

const sessionId = "se-1";
const chat = { channelType: "local", platformId: "ana", threadId: null };
const fromAna = (id: string) => inbound(id, { ...chat, content: { text: id, sender: "local:ana" } });
const inboxOf = (db: Kysely<CentralTables>, owner: string): HostInbox => ({
  db,
  signals: sessionSignals(),
  sessionId,
  owner,
});
const leasedBy = (db: Kysely<CentralTables>, owner: string) =>
  takeLease(db, { sessionId, owner, ttlMs: 60_000 });
const idsIn = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db.selectFrom("session_messages_in").select("id").orderBy("seq").execute();
  return rows.map(({ id }) => id);
};
const highest = async (db: Kysely<CentralTables>): Promise<number> => {
  const row = await db.selectFrom("session_transport").select("seq").executeTakeFirst();
  return row?.seq ?? 0;
};
const toLook = [{ id: sessionId, purpose: "messages" }];

describeOnBoth("the inbox of a session", ({ twoHosts }) => {
  test("takes messages of every host, each id once, and asks the host with the lease to look, once", async (context) => {
    const [one, other] = await twoHosts(context);
    await leasedBy(one, "host-1");
    await appendMessages(inboxOf(one, "host-1"), [fromAna("a")]);
    expect(await wantedSessions(one, "host-1")).toEqual([]);
    await appendMessages(inboxOf(other, "host-2"), [fromAna("a"), fromAna("b")]);
    expect(await idsIn(one)).toEqual(["a", "b"]);
    expect(await wantedSessions(one, "host-1")).toEqual(toLook);
    expect(await wantedSessions(one, "host-1")).toEqual([]);
  });

  test("takes nothing once the session is closed, and `also` is not called", async (context) => {
    const [one] = await twoHosts(context);
    await one.updateTable("sessions").set({ status: "closed" }).execute();
    const called: string[] = [];
    const late = await appendMessages(inboxOf(one, "host-1"), [fromAna("a")], async () =>
      called.push("also"),
    );
    expect(late).toMatchObject({ ok: false, error: { code: "closed" } });
    expect([called, await idsIn(one)]).toEqual([[], []]);
  });

  test("takes nothing if `also` fails", async (context) => {
    const [one] = await twoHosts(context);
    const also = (): Promise<never> => Promise.reject(new Error("no"));
    await expect(appendMessages(inboxOf(one, "host-1"), [fromAna("a")], also)).rejects.toThrow("no");
    expect(await idsIn(one)).toEqual([]);
  });

  test("has a message without a host: any host takes the session over, and is asked for nothing more", async (context) => {
    const [one, other] = await twoHosts(context);
    await leasedBy(one, "host-1");
    await giveBackLease(one, sessionId, 1);
    expect(await abandonedSessions(other)).toEqual([]);
    await appendMessages(inboxOf(one, "host-1"), [fromAna("a")]);
    expect(await abandonedSessions(other)).toEqual([sessionId]);
    await leasedBy(other, "host-2");
    expect(await wantedSessions(other, "host-2")).toEqual([]);
    expect(await giveBackIdle(other, { sessionId, token: 2 }, await highest(other))).toBe(true);
    expect(await abandonedSessions(one)).toEqual([]);
  });

  test.for([
    { what: "a message of its own host", owner: "host-1" },
    { what: "a message of another host", owner: "host-2" },
  ])("is not left with $what that came after the last look", async ({ owner }, context) => {
    const [one, other] = await twoHosts(context);
    await leasedBy(one, "host-1");
    const readTo = await highest(one);
    await appendMessages(inboxOf(owner === "host-1" ? one : other, owner), [fromAna("a")]);
    expect(await giveBackIdle(one, { sessionId, token: 1 }, readTo)).toBe(false);
    expect(await abandonedSessions(other)).toEqual([sessionId]);
  });

  test("is never left with a message that comes while its lease is given back", async (context) => {
    const [one, other] = await twoHosts(context);
    for (let token = 1; token <= 20; token += 1) {
      await leasedBy(one, "host-1");
      const readTo = await highest(one);
      await Promise.all([
        appendMessages(inboxOf(other, "host-2"), [fromAna(`m-${token}`)]),
        giveBackIdle(one, { sessionId, token }, readTo),
      ]);
      expect(await abandonedSessions(other)).toEqual([sessionId]);
    }
  });

  test("has a message withdrawn by another host, and its host is asked to look", async (context) => {
    const [one, other] = await twoHosts(context);
    await leasedBy(one, "host-1");
    await appendMessages(inboxOf(one, "host-1"), [fromAna("a")]);
    const order = { id: "o-1", sender: "local:ana", ...chat };
    expect(await withdrawMessage(inboxOf(other, "host-2"), order)).toMatchObject({ is: "withdrawn" });
    expect(await wantedSessions(one, "host-1")).toEqual(toLook);
    await one.updateTable("sessions").set({ status: "closed" }).execute();
    expect(await withdrawMessage(inboxOf(other, "host-2"), order)).toBeNull();
  });
});

/** An agent of the session that is connected to the only host. `append` writes a message of Ana, as the host does. */
const connectedAgent = async (db: Kysely<CentralTables>, incarnation = 1) => {
  const signals = sessionSignals();
  const side = (): ReturnType<typeof openAgentSide> => openAgentSide({ db, signals, sessionId });
  const host = openHostSide({ db, signals, sessionId, token: 1 });
  await must(host.transact(project(projectionOf({ incarnation }))));
  const inbox = { db, signals, sessionId, owner: "host-1", runs: incarnation };
  const append = (id: string, over: Parameters<typeof inbound>[1] = {}) =>
    must(appendMessages(inbox, [inbound(id, { ...chat, ...over })]));
  return { agent: side(), side, host, signals, append };
};

const offering = (agent: ReturnType<typeof openAgentSide>, offer = "b-1") =>
  must(agent.receive({ isFirst: false, limit: 10, now: start, offer }));

const claimsIn = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db.selectFrom("session_messages_in").selectAll().orderBy("seq").execute();
  return rows.map(({ id, claimed_by, batch }) => `${id} ${claimed_by ?? "-"} ${batch ?? "-"}`);
};

describeOnBoth("an agent without work that offers to take the next message", ({ twoHosts }) => {
  test("gets it claimed as it is written, once, and the later ones are not", async (context) => {
    const [db] = await twoHosts(context);
    const { agent, append } = await connectedAgent(db);
    expect(await offering(agent)).toEqual([]);
    await append("a");
    await append("b");
    expect(await claimsIn(db)).toEqual(["a 1 b-1", "b - -"]);
    expect((await offering(agent)).map(({ id, batch }) => `${id} ${batch}`)).toEqual(["a b-1"]);
    expect((await poll(agent)).map(({ id }) => id)).toEqual(["b"]);
    await finish(agent, "a");
    expect((await offering(agent, "b-2")).map(({ id }) => id)).toEqual(["b"]);
  });

  test("gets it again on its next connection, if the answer was lost", async (context) => {
    const [db] = await twoHosts(context);
    const { agent, side, append } = await connectedAgent(db);
    await offering(agent);
    await append("a");
    await agent.close();
    expect((await offering(side())).map(({ id }) => id)).toEqual(["a"]);
  });

  test("has to claim a message that came before its offer", async (context) => {
    const [db] = await twoHosts(context);
    const { agent, append } = await connectedAgent(db);
    await append("a");
    expect((await offering(agent)).map(({ id, batch }) => [id, batch])).toEqual([["a", undefined]]);
    await append("b");
    expect(await claimsIn(db)).toEqual(["a - -", "b - -"]);
  });

  test.for([
    { what: "a task", over: { kind: "task" as const } },
    { what: "context", over: { trigger: false } },
    { what: "a note for the next container", over: { onWake: true } },
    { what: "a message for later", over: { processAfter: "2999-01-01T00:00:00.000Z" } },
  ])("has to claim $what, and what comes with it", async ({ over }, context) => {
    const [db] = await twoHosts(context);
    const { agent, append } = await connectedAgent(db);
    await offering(agent);
    await append("x", over);
    await append("a");
    expect(await claimsIn(db)).toEqual(["x - -", "a - -"]);
  });

  test.for([
    { what: "has closed", leave: async ({ agent }: Connected) => agent.close() },
    { what: "polls without an offer", leave: ({ agent }: Connected) => poll(agent) },
    {
      what: "has a newer incarnation",
      leave: ({ host }: Connected) => must(host.transact(project(projectionOf({ incarnation: 2 })))),
    },
  ])("gets nothing once it $what", async ({ leave }, context) => {
    const [db] = await twoHosts(context);
    const connected = await connectedAgent(db);
    await offering(connected.agent);
    await leave(connected);
    await connected.append("a");
    expect(await claimsIn(db)).toEqual(["a - -"]);
  });

  test.for([{ runs: 2 }, { runs: undefined }])(
    "has to claim what its host writes that runs the incarnation $runs, and not this one",
    async ({ runs }, context) => {
      const [db] = await twoHosts(context);
      const { agent, signals } = await connectedAgent(db);
      await offering(agent);
      await must(appendMessages({ db, signals, sessionId, owner: "host-1", runs }, [fromAna("a")]));
      expect(await claimsIn(db)).toEqual(["a - -"]);
    },
  );

  test("has to claim what a host writes to which it is not connected", async (context) => {
    const [db, other] = await twoHosts(context);
    const { agent } = await connectedAgent(db);
    await offering(agent);
    await must(appendMessages(inboxOf(other, "host-2"), [fromAna("a")]));
    expect(await claimsIn(db)).toEqual(["a - -"]);
  });

  test("gets nothing by an offer that it made to a host before it worked for another one", async (context) => {
    const [db, other] = await twoHosts(context);
    const { agent, append } = await connectedAgent(db);
    await offering(agent);
    const there = await connectedAgent(other);
    await offering(there.agent);
    await there.append("a");
    await offering(there.agent);
    await finish(there.agent, "a");
    await offering(there.agent, "b-2");
    // The first host has not noticed yet that its connection is gone.
    await append("b");
    expect(await claimsIn(db)).toEqual(["a - b-1", "b - -"]);
    expect((await offering(there.agent, "b-2")).map(({ id }) => id)).toEqual(["b"]);
  });

  test("makes its offer once, if it gets the message while it polls again", async (context) => {
    const [db, other] = await twoHosts(context);
    const { agent, signals, append } = await connectedAgent(db);
    await offering(agent);
    const inbox = { ...inboxOf(other, "host-1"), signals, runs: 1 };
    const polling = afterQueryOf(db, "b-1", () => must(appendMessages(inbox, [fromAna("a")])));
    await offering(openAgentSide({ db: polling, signals, sessionId }));
    expect((await offering(agent)).map(({ id }) => id)).toEqual(["a"]);
    const completed = { id: "a", status: "completed", reason: null } as const;
    await must(agent.commit({ acknowledgements: [completed], messages: [], now: start }));
    await append("b");
    expect(await claimsIn(db)).toEqual(["a - b-1", "b - -"]);
  });

  test("keeps nothing of a message that was not written", async (context) => {
    const [db] = await twoHosts(context);
    const { agent, signals, append } = await connectedAgent(db);
    await offering(agent);
    const broken = { db, signals, sessionId, owner: "host-1", runs: 1 };
    const also = (): Promise<never> => Promise.reject(new Error("no"));
    await expect(appendMessages(broken, [fromAna("a")], also)).rejects.toThrow("no");
    expect(await offering(agent)).toEqual([]);
    await append("a");
    expect(await claimsIn(db)).toEqual(["a 1 b-1"]);
  });

  test("leaves it to the next container in the same batch, if it is killed", async (context) => {
    const [db] = await twoHosts(context);
    const { agent, side, host, append } = await connectedAgent(db);
    await offering(agent);
    await append("a");
    await must(host.transact(releaseMessages({ now: start, maxTries: 5, backoffMs: () => 0 })));
    await must(host.transact(project(projectionOf({ incarnation: 2 }))));
    const [again] = await offering(side(), "b-9");
    expect(again).toMatchObject({ id: "a", tries: 1, batch: "b-1" });
    await claim(side(), ["a"]);
  });
});

/** A database that calls `meanwhile` after a query that names `text`, before the caller has its rows. */
const afterQueryOf = (
  db: Kysely<CentralTables>,
  text: string,
  meanwhile: () => Promise<unknown>,
): Kysely<CentralTables> => {
  let found: QueryId | null = null;
  return db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      if (JSON.stringify(node).includes(`"${text}"`)) found = queryId;
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      if (queryId === found) await meanwhile();
      return result;
    },
  });
};

type Connected = Awaited<ReturnType<typeof connectedAgent>>;
