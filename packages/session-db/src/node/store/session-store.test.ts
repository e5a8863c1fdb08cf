import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { openSqlite } from "@gatehouse/sqlite";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inbound, must, outbound, projectionOf, start } from "../../testing/contract-case.ts";
import { transportContract } from "../../testing/transport-contract.ts";
import { openAgentSide } from "./agent-side.ts";
import { createSessionTables } from "./create-session-tables.ts";
import { openHostSide } from "./host-side.ts";
import { sessionSignals } from "./session-signals.ts";
import type { SessionTables } from "./session-tables.ts";

type Opened = { readonly db: Kysely<SessionTables>; readonly remove: () => Promise<void> };

const onSqlite = async (): Promise<Opened> => {
  const folder = mkdtempSync(join(tmpdir(), "session-store-"));
  const opened = await openSqlite<SessionTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const remove = async (): Promise<void> => {
    await opened.value.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { db: opened.value.db, remove };
};

/** `.ci/run` starts a server, and sets its address. */
const address = process.env["GATEHOUSE_TEST_POSTGRES"];

const onPostgres = async (): Promise<Opened> => {
  const schema = `run_${randomUUID().replaceAll("-", "")}`;
  const pool = new pg.Pool({ connectionString: address, options: `-c search_path=${schema}`, max: 8 });
  const db = new Kysely<SessionTables>({ dialect: new PostgresDialect({ pool }) });
  await sql`create schema ${sql.id(schema)}`.execute(db);
  const remove = async (): Promise<void> => {
    await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
    await db.destroy();
  };
  return { db, remove };
};

/** A server may answer a later transaction before an earlier one, whose commit it has done. */
const lateAnswers = (db: Kysely<SessionTables>) => {
  let isLate = false;
  const execute: ReturnType<(typeof db)["transaction"]>["execute"] = async (work) => {
    const isFirst = isLate;
    isLate = false;
    const answer = await db.transaction().execute(work);
    if (isFirst) await setTimeout(100);
    return answer;
  };
  const late = new Proxy(db, {
    get: (_, name) => (name === "transaction" ? () => ({ execute }) : (Reflect.get(db, name, db) as unknown)),
  });
  return { db: late, answerFirstLate: () => void (isLate = true) };
};

const databases = [
  { name: "SQLite", open: onSqlite, isSkipped: false },
  { name: "PostgreSQL", open: onPostgres, isSkipped: address === undefined },
];

describe.for(databases)("the rows of a session in $name", ({ open, isSkipped }) => {
  let opened: Opened;
  beforeAll(async () => {
    if (isSkipped) return;
    opened = await open();
    await createSessionTables(opened.db);
  });
  afterAll(() => opened?.remove());

  /** A session of its own among those of all cases, as in a host's database. */
  const session = () => {
    const [sessionId, signals] = [randomUUID(), sessionSignals()];
    return {
      ...{ sessionId, signals },
      host: (token: number) => openHostSide({ db: opened.db, signals, sessionId, token }),
      agent: () => openAgentSide({ db: opened.db, signals, sessionId }),
    };
  };

  test.for(transportContract)("keep the contract of transports: $title", async ({ check }, { skip }) => {
    skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
    await check(session());
  });

  test("refuse an agent of an earlier incarnation that writes", async ({ skip }) => {
    skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
    const { host: openHost, agent } = session();
    const host = openHost(1);
    await must(host.project(projectionOf({ incarnation: 1 })));
    const old = agent();
    await must(old.projection());
    await must(host.project(projectionOf({ incarnation: 2 })));
    const late = await old.commit({ acknowledgements: [], messages: [outbound("late")], now: start });
    expect(late).toMatchObject({ ok: false, error: { code: "fenced" } });
    expect(await must(host.receive({ limit: 10, now: start }))).toEqual([]);
  });

  test("tell of an end once, though a look is answered before the release that gave the message up", async ({
    skip,
  }) => {
    skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
    const { sessionId, signals, agent: openAgent } = session();
    const { db, answerFirstLate } = lateAnswers(opened.db);
    const host = openHostSide({ db, signals, sessionId, token: 1 });
    await must(host.project(projectionOf()));
    await must(host.send([inbound("m")]));
    const agent = openAgent();
    await must(agent.projection());
    const claim = { id: "m", status: "processing", reason: null } as const;
    await must(agent.commit({ acknowledgements: [claim], messages: [], now: start }));
    answerFirstLate();
    const released = host.release({ now: start, maxTries: 1, backoffMs: () => 0 });
    const { ended } = await must(host.state(start));
    expect({ released: (await must(released)).length, ended }).toEqual({ released: 1, ended: [] });
  });

  test("belong to one session: ids and numbers of another one are its own", async ({ skip }) => {
    skip(isSkipped, "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database");
    const [one, other] = [session(), session()];
    for (const { host, agent } of [one, other]) {
      await must(host(1).project(projectionOf()));
      expect(await must(host(1).send([inbound("m")]))).toEqual({ written: 1, known: 0 });
      const messages = [outbound("re-m", { inReplyTo: "m" })];
      await must(agent().commit({ acknowledgements: [], messages, now: start }));
      expect((await must(host(1).receive({ limit: 10, now: start }))).map(({ seq }) => seq)).toEqual([3]);
    }
  });
});
