import { expect, test } from "vitest";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { appendMessages, withdrawMessage, type HostInbox } from "./inbox.ts";
import { abandonedSessions, giveBackIdle, giveBackLease, takeLease, wantedSessions } from "./leases.ts";
import { sessionSignals } from "./rows/session-signals.ts";
import { inbound } from "./testing/contract-case.ts";
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
