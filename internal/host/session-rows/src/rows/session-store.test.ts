import { sendToAgent } from "./insert-messages.ts";
import { dueMessages } from "./outbound.ts";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openSqlite } from "@gatehouse/sqlite";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  after,
  claim,
  finish,
  idsOf,
  inbound,
  must,
  outbound,
  poll,
  projectionOf,
  start,
} from "../testing/contract-case.ts";
import { transportContract } from "../testing/transport-contract.ts";
import { openAgentSide } from "./agent-side.ts";
import { createMessageTables } from "@gatehouse/central-database/testing";
import { openHostSide, project } from "./host-side.ts";
import { sessionSignals } from "./session-signals.ts";
import type { CentralTables } from "@gatehouse/central-database";
import { releaseMessages, sessionState, withdraw, withdrawnReason, type WithdrawOrder } from "./inbound.ts";

type Opened = { readonly db: Kysely<CentralTables>; readonly remove: () => Promise<void> };

const onSqlite = async (): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), "session-store-"));
  const opened = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const remove = async (): Promise<void> => {
    await opened.value.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { db: opened.value.db, remove };
};

/** `.ci/run` starts a server and sets this address. */
const address = process.env["GATEHOUSE_TEST_POSTGRES"];

const onPostgres = async (): Promise<Opened> => {
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  const pool = new pg.Pool({ connectionString: address, options: `-c search_path=${schema}`, max: 8 });
  const db = new Kysely<CentralTables>({ dialect: new PostgresDialect({ pool }) });
  await sql`create schema ${sql.id(schema)}`.execute(db);
  const remove = async (): Promise<void> => {
    await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
    await db.destroy();
  };
  return { db, remove };
};

const databases = [
  { name: "SQLite", open: onSqlite, isSkipped: false, tags: [] },
  { name: "PostgreSQL", open: onPostgres, isSkipped: address === undefined, tags: ["rest" as const] },
];

for (const { name, open, isSkipped, tags } of databases)
  describe(`the rows of a session in ${name}`, { tags }, () => {
    let opened: Opened;
    beforeAll(async () => {
      if (isSkipped) return;
      opened = await open();
      await createMessageTables(opened.db);
    });
    afterAll(() => opened?.remove());

    /** Each case gets its own session in one database, as in a host's. */
    const session = () => {
      const [sessionId, signals] = [randomUUID(), sessionSignals()];
      return {
        sessionId,
        signals,
        host: (token: number) => openHostSide({ db: opened.db, signals, sessionId, token }),
        agent: () => openAgentSide({ db: opened.db, signals, sessionId }),
      };
    };

    test.for(transportContract)("keep the contract of transports: $title", async ({ check }, { skip }) => {
      skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
      await check(session());
    });

    test("refuse writes of an agent of an earlier incarnation", async ({ skip }) => {
      skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
      const { host: openHost, agent } = session();
      const host = openHost(1);
      await must(host.transact(project(projectionOf({ incarnation: 1 }))));
      const old = agent();
      await must(old.projection());
      await must(host.transact(project(projectionOf({ incarnation: 2 }))));
      const late = await old.commit({ acknowledgements: [], messages: [outbound("late")], now: start });
      expect(late).toMatchObject({ ok: false, error: { code: "fenced" } });
      expect(await must(host.read(dueMessages({ limit: 10, now: start })))).toEqual([]);
    });

    test("belong to one session: ids and numbers of another session are separate", async ({ skip }) => {
      skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
      const [one, other] = [session(), session()];
      for (const { host, agent } of [one, other]) {
        await must(host(1).transact(project(projectionOf())));
        expect(await must(host(1).transact(sendToAgent([inbound("m")])))).toBe(1);
        const messages = [outbound("re-m", { inReplyTo: "m" })];
        await must(agent().commit({ acknowledgements: [], messages, now: start }));
        expect(
          (await must(host(1).read(dueMessages({ limit: 10, now: start })))).map(({ seq }) => seq),
        ).toEqual([3]);
      }
    });

    describe("of which a person withdraws one", () => {
      const chat = { channelType: "local", platformId: "ana", threadId: null };
      const of = (id: string, over: Parameters<typeof inbound>[1] = {}, sender = "local:ana") =>
        inbound(id, { ...chat, content: { text: id, sender }, ...over });
      const order = { id: "o-1", sender: "local:ana", ...chat };
      const withRows = async (...messages: readonly ReturnType<typeof of>[]) => {
        const { sessionId, host: openHost, agent: openAgent } = session();
        const host = openHost(1);
        await must(host.transact(project(projectionOf())));
        await must(host.transact(sendToAgent(messages)));
        const agent = openAgent();
        await must(agent.projection());
        const withdrawn = (given: WithdrawOrder) =>
          opened.db.transaction().execute((db) => withdraw(db, sessionId, given));
        return { host, agent, withdrawn, left: async () => idsOf(await poll(agent)) };
      };

      test.for([
        { name: "the newest of two", rows: [of("a"), of("b")], gone: "b", left: ["a"] },
        { name: "one that is not due yet", rows: [of("a", { processAfter: after(60) })], left: [] },
        { name: "one before another person's", rows: [of("a"), of("b", {}, "local:bo")], left: ["b"] },
        { name: "one before another thread's", rows: [of("a"), of("b", { threadId: "t" })], left: ["b"] },
        { name: "one before another chat's", rows: [of("a"), of("b", { platformId: "bo" })], left: ["b"] },
        { name: "one before an agent's", rows: [of("a"), of("b", { sourceSessionId: "s" })], left: ["b"] },
        { name: "one before context", rows: [of("a"), of("b", { trigger: false })], left: [] },
        { name: "one before a task", rows: [of("a"), of("b", { kind: "task" })], left: ["b"] },
      ])(
        "end $name as failed, and let the host tell its sender",
        async ({ rows, gone = "a", left: expected }, { skip }) => {
          skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
          const { host, withdrawn, left } = await withRows(...rows);
          expect(await withdrawn(order)).toMatchObject({
            is: "withdrawn",
            content: { text: gone },
          });
          expect(await left()).toEqual(expected);
          const ended = { id: gone, status: "failed", reason: `${withdrawnReason} (o-1).`, tries: 0 };
          expect((await must(host.read(sessionState(start)))).ended).toEqual([
            expect.objectContaining({ ...ended, answer: null }),
          ]);
        },
      );

      test("end nothing more by the same order, and the next one by another", async ({ skip }) => {
        skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
        const { withdrawn, left } = await withRows(of("a"), of("b"));
        const first = await withdrawn(order);
        expect(await withdrawn(order)).toEqual(first);
        expect(await left()).toEqual(["a"]);
        await withdrawn({ ...order, id: "o-2" });
        expect(await withdrawn({ ...order, id: "o-3" })).toEqual({ is: "nothing" });
      });

      test("keep one that an agent has claimed, also after that agent has exited", async ({ skip }) => {
        skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
        const { host, agent, withdrawn, left } = await withRows(of("a"));
        expect(await claim(agent, ["a"])).toBeNull();
        expect(await withdrawn(order)).toEqual({ is: "in-work" });
        await must(host.transact(releaseMessages({ now: start, maxTries: 3, backoffMs: () => 0 })));
        expect(await withdrawn({ ...order, id: "o-2" })).toEqual({ is: "in-work" });
        await finish(agent, "a");
        expect(await withdrawn({ ...order, id: "o-3" })).toEqual({ is: "nothing" });
        expect(await left()).toEqual([]);
      });

      test("refuse the claim of an agent that had read it, together with the whole batch", async ({
        skip,
      }) => {
        skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
        const { host, agent, withdrawn, left } = await withRows(of("a"), of("b"));
        expect(await left()).toEqual(["a", "b"]);
        await withdrawn(order);
        expect(await claim(agent, ["a", "b"])).toBe("withdrawn");
        expect((await must(host.read(sessionState(start)))).claims).toEqual([]);
        expect(await left()).toEqual(["a"]);
        expect(await claim(agent, ["a"])).toBeNull();
      });
    });
  });
