import { mkdirSync } from "node:fs";
import Libsql from "libsql";
import { describe, expect, test } from "vitest";
import { inboundSchema } from "../../schema/inbound-schema.ts";
import { outboundSchema } from "../../schema/outbound-schema.ts";
import { schemaTexts, type FileSchema } from "../../schema/schema.ts";
import { pathsOf } from "../paths.ts";
import { answer, at, later, message, projection } from "../session-messages.fixture.ts";
import { must, session } from "../session.fixture.ts";
import { sessionFile } from "./session-file.ts";

/** Files as nanoclaw 2.0.46 made them: before `source_session_id` and `on_wake`. */
const nanoclawInbound = `
  create table messages_in (id text primary key, seq integer unique, kind text not null, timestamp text not null,
    status text default 'pending', process_after text, recurrence text, series_id text, tries integer default 0,
    trigger integer not null default 1, platform_id text, channel_type text, thread_id text, content text not null);
  create index idx_messages_in_series on messages_in (series_id);
  create table delivered (message_out_id text primary key, platform_message_id text,
    status text not null default 'delivered', delivered_at text not null);
  create table destinations (name text primary key, display_name text, type text not null, channel_type text,
    platform_id text, agent_group_id text);
  create table session_routing (id integer primary key check (id = 1), channel_type text, platform_id text,
    thread_id text);
  insert into messages_in (id, seq, kind, timestamp, status, content, tries) values
    ('old-1', 2, 'chat', '${at}', 'completed', '{"text":"done"}', 0),
    ('old-2', 4, 'chat', '${at}', 'pending', '{"text":"open"}', 2);
  insert into delivered values ('out-1', 'p-1', 'delivered', '${at}');`;
const nanoclawOutbound = `
  create table messages_out (id text primary key, seq integer unique, in_reply_to text, timestamp text not null,
    deliver_after text, recurrence text, kind text not null, platform_id text, channel_type text, thread_id text,
    content text not null);
  create table processing_ack (message_id text primary key, status text not null, status_changed text not null);
  create table session_state (key text primary key, value text not null, updated_at text not null);
  insert into messages_out (id, seq, timestamp, kind, content) values
    ('out-1', 5, '${at}', 'chat', '{"text":"hello"}'), ('out-2', 7, '${at}', 'chat', '{"text":"you"}');
  insert into processing_ack values ('old-1', 'completed', '${at}'), ('old-2', 'processing', '${at}');`;

const legacy = () => {
  const made = session();
  const paths = pathsOf(made.folder);
  mkdirSync(paths.in, { recursive: true });
  mkdirSync(paths.out);
  const write = (file: string, sql: string): void => {
    const database = new Libsql(file);
    database.exec(sql);
    database.close();
  };
  return {
    ...made,
    paths,
    writeIn: () => write(paths.inbound, nanoclawInbound),
    writeOut: () => write(paths.outbound, nanoclawOutbound),
  };
};

const textsOf = (file: string): readonly string[] => {
  const database = new Libsql(file);
  const rows = database.prepare("select sql from sqlite_schema where sql is not null").all() as {
    sql: string;
  }[];
  database.close();
  return rows.map(({ sql }) => sql).toSorted();
};

describe("files of nanoclaw", () => {
  test("case 7: inbound.db from before a column is upgraded by the host, twice opened, with the defaults in old rows (seed migrations 1, 2, seed on_wake 6)", async () => {
    const { host, agent, paths, writeIn } = legacy();
    writeIn();
    for (const incarnation of [1, 2]) {
      const end = host();
      must(await end.project(projection(incarnation)));
      await end.close();
    }
    expect(textsOf(paths.inbound)).toEqual(schemaTexts(inboundSchema).toSorted());
    const end = agent();
    must(await host().send([message("new")]));
    expect(must(await end.receive({ isFirst: false, limit: 10, now: at }))).toMatchObject([
      {
        id: "old-2",
        seq: 4,
        tries: 2,
        trigger: true,
        onWake: false,
        sourceSessionId: null,
        content: { text: "open" },
      },
      { id: "new", seq: 6 },
    ]);
  });

  test("outbound.db is upgraded by the container: its numbers and acknowledgements stay", async () => {
    const { host, agent, paths, writeIn, writeOut } = legacy();
    writeIn();
    writeOut();
    const hostEnd = host();
    must(await hostEnd.project(projection(1)));
    expect(await hostEnd.state(at)).toMatchObject({ ok: false, error: { code: "unreadable" } });
    must(await agent().commit({ acknowledgements: [], messages: [answer("out-3")], now: at }));
    expect(textsOf(paths.outbound)).toEqual(schemaTexts(outboundSchema).toSorted());
    // The first of them was delivered before.
    expect(must(await hostEnd.receive({ limit: 10, now: at }))).toMatchObject([
      { id: "out-2", seq: 7, content: { text: "you" } },
      { id: "out-3", seq: 9 },
    ]);
    expect(must(await hostEnd.state(at))).toMatchObject({ claims: [{ id: "old-2" }], due: 0 });
  });

  test("case 73: times that SQLite wrote without a zone are in UTC, on any host", async () => {
    const { host, agent, paths, writeIn, writeOut } = legacy();
    writeIn();
    writeOut();
    const set = (file: string, sql: string): void => {
      const database = new Libsql(file);
      database.exec(sql);
      database.close();
    };
    set(
      paths.inbound,
      "update messages_in set timestamp = '2026-11-21 11:00:00', process_after = '2026-11-21 12:00:10'",
    );
    set(
      paths.outbound,
      `update messages_out set timestamp = '2026-11-21 11:00:00', deliver_after = '2026-11-21 12:00:20';
        update processing_ack set status_changed = '2026-11-21 11:59:00.5'`,
    );
    const end = host();
    must(await end.project(projection(1)));
    must(await agent().set("x", 1, at));
    expect(must(await end.state(at))).toMatchObject({
      ...{ due: 0, nextDueAt: later(10) },
      claims: [{ id: "old-2", since: "2026-11-21T11:59:00.500Z" }],
    });
    expect(must(await end.receive({ limit: 10, now: later(19) }))).toEqual([]);
    expect(must(await end.receive({ limit: 10, now: later(20) }))).toMatchObject([
      { id: "out-2", timestamp: "2026-11-21T11:00:00.000Z", deliverAfter: later(20) },
    ]);
    must(await end.release({ now: at, maxTries: 5, backoffMs: () => 0 }));
    expect(must(await agent().receive({ isFirst: true, limit: 10, now: at }))).toMatchObject([
      { id: "old-2", timestamp: "2026-11-21T11:00:00.000Z" },
    ]);
  });

  test("case 8, F11: a container that reads an inbound.db without on_wake polls on", async () => {
    const { agent, paths, writeIn } = legacy();
    writeIn();
    const database = new Libsql(paths.inbound);
    const identity = schemaTexts(inboundSchema).filter((text) =>
      /TABLE (identity|session_routing)/.test(text),
    );
    database.exec(identity.filter((text) => text.includes("identity")).join(";"));
    database.exec(
      "insert into identity values (1, 's', 'g', 'Notes', 1, 1, null); insert into session_routing (id) values (1)",
    );
    database.close();
    const end = agent();
    for (const isFirst of [true, false])
      expect(must(await end.receive({ isFirst, limit: 10, now: at }))).toMatchObject([
        { id: "old-2", onWake: false, sourceSessionId: null },
      ]);
    expect(must(await end.receiveSystem(10))).toEqual([]);
    must(await end.commit({ acknowledgements: [], messages: [answer("a")], now: at }));
  });
});

describe("numbered steps", () => {
  const first: FileSchema = { steps: [["CREATE TABLE t (x INTEGER) STRICT"]] };
  const second: FileSchema = {
    steps: [...first.steps, ["CREATE TABLE u (y TEXT) STRICT", "CREATE INDEX u_y ON u (y)"]],
  };
  const open = (schema: FileSchema, folder: string) =>
    sessionFile({
      ...{ file: `${folder}/t.db`, schema, busyMs: 100 },
      onSetAside: (renamedTo, reason) => {
        throw new Error(`${renamedTo}: ${reason}`);
      },
    });

  test("a file at an earlier step takes the later ones, and keeps its rows", async () => {
    const { folder } = session();
    const before = open(first, folder);
    must(
      await before.transaction("write", (db) => ({ ok: true, value: db.run("insert into t values (1)") })),
    );
    await before.close();
    const after = open(second, folder);
    const rows = await after.transaction("write", (db) => {
      db.run("insert into u values ('y')");
      return { ok: true, value: db.all("select x, y from t, u") };
    });
    await after.close();
    expect(must(rows)).toEqual([{ x: 1, y: "y" }]);
    expect(textsOf(`${folder}/t.db`)).toEqual(schemaTexts(second).toSorted());
  });
});
