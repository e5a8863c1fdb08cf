import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { describe, expect, test } from "vitest";
import { inboundSchema } from "../schema/inbound-schema.ts";
import { outboundSchema } from "../schema/outbound-schema.ts";
import { schemaTexts } from "../schema/schema.ts";
import { pathsOf } from "./paths.ts";
import { answer, at, later, message, projection } from "./session-messages.fixture.ts";
import { must, session } from "./session.fixture.ts";

const textsOf = (file: string): readonly string[] => {
  const database = new Libsql(file);
  const rows = database.prepare("select sql from sqlite_schema where sql is not null").all() as {
    sql: string;
  }[];
  database.close();
  return rows.map(({ sql }) => sql);
};

const both = async () => {
  const made = session();
  const [host, agent] = [made.host(), made.agent()];
  must(await host.project(projection(1)));
  must(await agent.set("x", 1, at));
  return { ...made, paths: pathsOf(made.folder), hostEnd: host, agentEnd: agent };
};

describe("a session's folder", () => {
  test("case 1: the first call makes both folders and inbound.db; the container makes outbound.db", async () => {
    const { folder, host, agent } = session();
    expect(existsSync(folder)).toBe(false);
    must(await host().send([message("m")]));
    expect([readdirSync(join(folder, "in")), readdirSync(join(folder, "out"))]).toEqual([
      ["doorbell", "inbound.db"],
      ["doorbell"],
    ]);
    must(await host().project(projection(1)));
    must(await agent().set("x", 1, at));
    expect(readdirSync(join(folder, "out"))).toEqual(["doorbell", "outbound.db"]);
  });

  test("the files have the schema that a reader of foreign files expects, text by text", async () => {
    const { paths } = await both();
    expect(textsOf(paths.inbound).toSorted()).toEqual(schemaTexts(inboundSchema).toSorted());
    expect(textsOf(paths.outbound).toSorted()).toEqual(schemaTexts(outboundSchema).toSorted());
  });

  test("what was delivered stays so, whatever is written down about it later", async () => {
    const { hostEnd, paths } = await both();
    const delivered = { id: "o", status: "delivered", platformMessageId: "p", at } as const;
    must(await hostEnd.acknowledge([delivered]));
    must(await hostEnd.acknowledge([{ ...delivered, status: "failed", platformMessageId: null }]));
    must(await hostEnd.acknowledge([{ ...delivered, status: "claimed", platformMessageId: null }]));
    const database = new Libsql(paths.inbound);
    const rows = database.prepare("select status, platform_message_id from delivered").all();
    database.close();
    expect(rows).toMatchObject([{ status: "delivered", platform_message_id: "p" }]);
  });

  test.each([
    { isShared: false, modes: [0o711, 0o700, 0o700, 0o600, 0o600, 0o600] },
    { isShared: true, modes: [0o711, 0o755, 0o1777, 0o644, 0o644, 0o666] },
  ])("shared with another account: $isShared", async ({ isShared, modes }) => {
    const { folder, host } = session();
    must(await host({ isShared }).send([message("m")]));
    const paths = pathsOf(folder);
    const parts = [paths.folder, paths.in, paths.out, paths.inbound, paths.inDoorbell, paths.outDoorbell];
    expect(parts.map((part) => lstatSync(part).mode & 0o7777)).toEqual(modes);
  });

  test("case 12: a folder deleted by hand is made anew on the next send, and the message is kept", async () => {
    const { folder, host, agent } = session();
    const end = host();
    must(await end.project(projection(1)));
    must(await end.send([message("before")]));
    rmSync(folder, { recursive: true });
    expect(must(await end.send([message("m")]))).toEqual({ written: 1, known: 0 });
    must(await end.project(projection(1)));
    expect(must(await agent().receive({ isFirst: true, limit: 10, now: at }))).toMatchObject([{ id: "m" }]);
  });

  test("a folder that cannot be made is a result", async () => {
    const { folder, host } = session();
    writeFileSync(folder, "");
    expect(await host().send([message("m")])).toMatchObject({ ok: false, error: { code: "unwritable" } });
  });
});

describe("a heartbeat", () => {
  test.each([
    { what: "a link", make: (path: string) => symlinkSync("/etc/hostname", path) },
    { what: "a pipe", make: (path: string) => execFileSync("mkfifo", [path]) },
    { what: "a file", make: (path: string) => writeFileSync(path, ""), counts: true },
  ])("$what counts as one: $counts", async ({ make, counts = false }) => {
    const { hostEnd, paths, agentEnd } = await both();
    make(paths.heartbeat);
    expect(must(await hostEnd.state(at)).heartbeat !== null).toBe(counts);
    if (!counts) await agentEnd.heartbeat();
    expect(must(await hostEnd.state(at)).heartbeat !== null).toBe(counts);
  });
});

describe("a damaged file", () => {
  const damages: readonly { readonly what: string; readonly damage: (file: string) => void }[] = [
    { what: "cut off in the middle", damage: (file) => truncateSync(file, lstatSync(file).size - 5000) },
    { what: "no database", damage: (file) => writeFileSync(file, "what is this? ".repeat(1000)) },
    {
      what: "a page of other bytes",
      damage: (file) => {
        const handle = openSync(file, "r+");
        for (let page = 1; page * 4096 < lstatSync(file).size; page += 1)
          writeSync(handle, new Uint8Array(200).fill(0xa5), 0, 200, page * 4096);
        closeSync(handle);
      },
    },
    {
      what: "of another program",
      damage: (file) => {
        const database = new Libsql(file);
        database.exec("create view v as select 1");
        database.close();
      },
    },
  ];

  test.each(damages)(
    "inbound.db, $what: set aside, made anew, and what is sent again is answered",
    async ({ damage }) => {
      const { folder, host, agent, hostEnd, paths, agentEnd } = await both();
      must(await hostEnd.send([message("done"), message("open")]));
      const completed = { id: "done", status: "completed", reason: null } as const;
      must(await agentEnd.commit({ acknowledgements: [completed], messages: [answer("re-done")], now: at }));
      must(await hostEnd.state(at));
      must(await hostEnd.receive({ limit: 10, now: at }));
      must(await hostEnd.acknowledge([{ id: "re-done", status: "delivered", platformMessageId: null, at }]));
      await hostEnd.close();
      damage(paths.inbound);

      const told: string[] = [];
      const next = host({ onSetAside: (renamedTo) => told.push(renamedTo) });
      must(await next.project(projection(2)));
      expect(told).toEqual([join(folder, "in", "inbound.db.damaged-1")]);
      expect(existsSync(told[0] ?? "")).toBe(true);
      must(await next.state(at));
      must(await next.send([message("done"), message("open")]));
      // The container has answered one of them. It says so again, and is not asked again.
      const again = agent();
      expect(must(await again.receive({ isFirst: true, limit: 10, now: at }))).toMatchObject([
        { id: "open" },
      ]);
      expect(must(await next.state(at))).toMatchObject({
        due: 1,
        ended: [{ id: "done", status: "completed" }],
      });
      // The lost file knew that it was delivered.
      expect(must(await next.receive({ limit: 10, now: at }))).toMatchObject([{ id: "re-done" }]);
    },
  );

  test.each(damages)(
    "outbound.db, $what: the host says unreadable; its next writer begins anew above all numbers",
    async ({ damage }) => {
      const { folder, agent, hostEnd, paths, agentEnd } = await both();
      must(await agentEnd.commit({ acknowledgements: [], messages: [answer("a"), answer("b")], now: at }));
      must(await hostEnd.receive({ limit: 10, now: at }));
      must(await hostEnd.acknowledge([{ id: "a", status: "delivered", platformMessageId: null, at }]));
      await agentEnd.close();
      damage(paths.outbound);
      expect(await hostEnd.receive({ limit: 10, now: at })).toMatchObject({
        ok: false,
        error: { code: "unreadable", message: expect.stringContaining(paths.outbound) },
      });
      const told: string[] = [];
      const next = agent({ onSetAside: (renamedTo) => told.push(renamedTo) });
      must(await next.commit({ acknowledgements: [], messages: [answer("c")], now: at }));
      expect(told).toEqual([join(folder, "out", "outbound.db.damaged-1")]);
      expect(must(await hostEnd.receive({ limit: 10, now: at }))).toMatchObject([{ id: "c", seq: 5 }]);
    },
  );

  test("found only when it is met, in a file too large to be checked at once, is mended all the same", async () => {
    const { host, hostEnd, paths } = await both();
    const long = { text: "x".repeat(50_000) };
    must(
      await hostEnd.send(Array.from({ length: 100 }, (_, index) => message(`m-${index}`, { content: long }))),
    );
    await hostEnd.close();
    const handle = openSync(paths.inbound, "r+");
    const size = lstatSync(paths.inbound).size;
    for (let page = 10; page * 4096 < size; page += 1)
      writeSync(handle, new Uint8Array(100).fill(0xff), 0, 100, page * 4096);
    ftruncateSync(handle, size);
    closeSync(handle);
    expect(size).toBeGreaterThan(4 * 2 ** 20);
    const told: string[] = [];
    const next = host({ onSetAside: (renamedTo) => told.push(renamedTo) });
    for (let index = 0; index < 100; index += 1) must(await next.send([message(`m-${index}`)]));
    must(await next.state(later(1)));
    expect(told).toEqual([`${paths.inbound}.damaged-1`]);
  });
});

test("a link or a pipe at outbound.db is not followed by either end", async () => {
  const { folder, host, agent } = session();
  const hostEnd = host();
  must(await hostEnd.project(projection(1)));
  const target = join(folder, "target");
  writeFileSync(target, "");
  symlinkSync(target, pathsOf(folder).outbound);
  expect(await hostEnd.receive({ limit: 1, now: at })).toMatchObject({
    ok: false,
    error: { code: "unreadable" },
  });
  must(await agent().set("x", 1, at));
  expect(lstatSync(target).size).toBe(0);
  expect(must(await hostEnd.receive({ limit: 1, now: at }))).toEqual([]);
});

test("a file of a newer version is left alone", async () => {
  const { hostEnd, host, paths } = await both();
  await hostEnd.close();
  const database = new Libsql(paths.inbound);
  database.exec("update schema_version set version = 99; create table later (x)");
  database.close();
  expect(await host().send([message("m")])).toMatchObject({ ok: false, error: { code: "unreadable" } });
  expect(readdirSync(paths.in)).toEqual(["doorbell", "inbound.db"]);
});
