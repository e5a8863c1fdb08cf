import Libsql from "libsql";
import { describe, expect, test } from "vitest";
import { pathsOf } from "./paths.ts";
import { answer, at, message, projection } from "./session-messages.fixture.ts";
import { must, session } from "./session.fixture.ts";

/** A container that opens a transaction on a file and keeps it. */
const holder = (file: string, begin: string) => {
  const database = new Libsql(file);
  database.exec(begin);
  return {
    letGo: () => {
      database.exec("rollback");
      database.close();
    },
  };
};
const reading = "begin; select 1 from sqlite_schema limit 1";

describe("a container that holds inbound.db", () => {
  test("the host's write is tried until the time is over, then it is busy and nothing was written", async () => {
    const { folder, host } = session();
    const end = host({ busyMs: 300 });
    must(await end.project(projection(1)));
    const { letGo } = holder(pathsOf(folder).inbound, reading);
    let ticks = 0;
    const clock = setInterval(() => (ticks += 1), 5);
    const sent = await end.send([message("m")]);
    clearInterval(clock);
    expect(sent).toMatchObject({ ok: false, error: { code: "busy" } });
    // SQLite's own timeout would have kept the process from anything else.
    expect(ticks).toBeGreaterThan(0);
    letGo();
    expect(must(await end.send([message("m")]))).toEqual({ written: 1, known: 0 });
  });

  test("once it lets go, a write that waits goes on, and those behind it in their order", async () => {
    const { folder, host, agent } = session();
    const end = host({ busyMs: 20_000 });
    must(await end.project(projection(1)));
    const { letGo } = holder(pathsOf(folder).inbound, reading);
    const sent = [end.send([message("a")]), end.send([message("b")]), end.send([message("c")])];
    const first = await Promise.race([sent[0], new Promise((resolve) => setTimeout(resolve, 60, "waits"))]);
    expect(first).toBe("waits");
    letGo();
    for (const each of sent) expect(must(await each)).toEqual({ written: 1, known: 0 });
    const given = must(await agent().receive({ isFirst: false, limit: 10, now: at }));
    expect(given.map(({ id, seq }) => [id, seq])).toEqual([
      ["a", 2],
      ["b", 4],
      ["c", 6],
    ]);
  });

  test("other sessions are served meanwhile", async () => {
    const [held, free] = [session(), session()];
    const [heldEnd, freeEnd] = [held.host({ busyMs: 20_000 }), free.host()];
    must(await heldEnd.project(projection(1)));
    const { letGo } = holder(pathsOf(held.folder).inbound, reading);
    const waits = heldEnd.send([message("m")]);
    for (let count = 0; count < 20; count += 1) must(await freeEnd.send([message(`m-${count}`)]));
    letGo();
    must(await waits);
  });
});

test("F27: a container's commit waits for another process of the same container", async () => {
  const { folder, host, agent } = session();
  must(await host().project(projection(1)));
  const end = agent({ busyMs: 20_000 });
  must(await end.set("x", 1, at));
  const { letGo } = holder(pathsOf(folder).outbound, "begin immediate");
  const committed = end.commit({ acknowledgements: [], messages: [answer("a")], now: at });
  const first = await Promise.race([committed, new Promise((resolve) => setTimeout(resolve, 60, "waits"))]);
  expect(first).toBe("waits");
  letGo();
  must(await committed);
});

test("an outbound.db in a commit gives no state of its own, and the host's rows are told all the same", async () => {
  const { folder, host, agent } = session();
  const end = host();
  must(await end.project(projection(1)));
  must(await end.send([message("m")]));
  must(await agent().set("x", 1, at));
  const { letGo } = holder(pathsOf(folder).outbound, "begin exclusive");
  expect(must(await end.state(at))).toMatchObject({ due: 1, claims: [] });
  expect(await end.receive({ limit: 1, now: at })).toMatchObject({ ok: false, error: { code: "busy" } });
  letGo();
  expect(must(await end.receive({ limit: 1, now: at }))).toEqual([]);
});
