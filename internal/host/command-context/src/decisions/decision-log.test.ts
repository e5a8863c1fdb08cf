import type { Actor, DecisionEntry } from "@nc/cli-scope";
import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Central } from "@gatehouse/central-database";
import { hostBed, member, operator, person, stranger } from "@gatehouse/dispatch/testing";
import { decisionLog, type LogDeps } from "./decision-log.ts";
import { nameOfActor } from "../context/name-of-actor.ts";

const entry: DecisionEntry = {
  actor: member,
  command: "groups get",
  args: { id: "ag-team", limit: "5" },
  effect: "allow",
  ruleId: "group-open",
  reason: "An agent may do this within its own group.",
};

const clockAndIds = (): LogDeps => {
  let ids = 0;
  return {
    dataDir: temporaryFolder(),
    now: () => at,
    id: (prefix) => `${prefix}-${String((ids += 1)).padStart(7, "0")}`,
  };
};

const noBug = (error: unknown): never => {
  throw error;
};

const count = async ({ db }: Central): Promise<number> =>
  (await db.selectFrom("decisions").select("id").execute()).length;

describe("decisionLog", () => {
  test("writes an entry with `now` at once, together with waiting entries", async () => {
    const central = await openedCentral(temporaryFolder());
    const log = decisionLog(central.db, clockAndIds(), noBug);
    await log.record(entry, false);
    await log.record({ ...entry, effect: "deny", ruleId: "foreign-group" }, false);
    expect(await count(central)).toBe(0);
    await log.record({ ...entry, command: "groups update" }, true);
    expect(await central.db.selectFrom("decisions").selectAll().orderBy("id").execute()).toEqual([
      {
        id: "de-0000001",
        at,
        actor: "agent:ag-team/se-team",
        command: "groups get",
        args: '{"id":"ag-team","limit":"5"}',
        effect: "allow",
        rule_id: "group-open",
        reason: entry.reason,
        account: null,
        seq: 1,
        mac: expect.any(String),
      },
      expect.objectContaining({ effect: "deny", rule_id: "foreign-group", seq: 2 }),
      expect.objectContaining({ command: "groups update", seq: 3 }),
    ]);
  });

  test("writes a waiting entry after a pause", async () => {
    const central = await openedCentral(temporaryFolder());
    const log = decisionLog(central.db, clockAndIds(), noBug);
    await log.record(entry, false);
    await vi.waitFor(async () => expect(await count(central)).toBe(1));
  });

  test("writes a full batch without a pause, and the rest at a flush", async () => {
    const central = await openedCentral(temporaryFolder());
    const log = decisionLog(central.db, clockAndIds(), noBug);
    for (let index = 0; index < 513; index += 1) await log.record(entry, false);
    await vi.waitFor(async () => expect(await count(central)).toBeGreaterThanOrEqual(512));
    await log.flush();
    expect(await count(central)).toBe(513);
  });

  test("writes each entry once if many are recorded at the same time", async () => {
    const central = await openedCentral(temporaryFolder());
    const log = decisionLog(central.db, clockAndIds(), noBug);
    await Promise.all(Array.from({ length: 1_200 }, (_, index) => log.record(entry, index % 3 === 0)));
    await log.flush();
    expect(await count(central)).toBe(1_200);
  });

  test("leaves entries that come during a write for the next pause", async () => {
    const central = await openedCentral(temporaryFolder());
    let isBusy = true;
    const busy = central.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        // The two entries are written.
        if (isBusy && result.numAffectedRows === 2n) void log.record(entry, false);
        return result;
      },
    });
    const log = decisionLog(busy, clockAndIds(), noBug, { kept: Number.POSITIVE_INFINITY });
    await log.record(entry, false);
    await log.record(entry, false);
    await log.flush();
    expect(await count(central)).toBe(2);
    isBusy = false;
    await log.flush();
    expect(await count(central)).toBe(3);
  });

  test("keeps entries that could not be written", async () => {
    const central = await openedCentral(temporaryFolder());
    const log = decisionLog(central.db, clockAndIds(), noBug);
    await sql`alter table decisions rename to elsewhere`.execute(central.db);
    await expect(log.record(entry, true)).rejects.toThrow(/no such table|does not exist/);
    await sql`alter table elsewhere rename to decisions`.execute(central.db);
    await log.flush();
    expect(await count(central)).toBe(1);
  });

  test("keeps the newest entries, up to its limit", async () => {
    const central = await openedCentral(temporaryFolder());
    let time = Date.parse(at);
    const clock = { ...clockAndIds(), now: () => new Date((time += 1)).toISOString() };
    const log = decisionLog(central.db, clock, noBug, { kept: 1_000 });
    for (let index = 0; index < 2_500; index += 1) await log.record(entry, false);
    await log.flush();
    const kept = await count(central);
    expect(kept).toBeGreaterThanOrEqual(1_000);
    expect(kept).toBeLessThan(1_600);
    const newest = await central.db
      .selectFrom("decisions")
      .select("id")
      .orderBy("at", "desc")
      .executeTakeFirst();
    expect(newest).toEqual({ id: "de-0002500" });
  });

  test("stays within its limit even if each host writes less than a twentieth of it", async () => {
    const central = await openedCentral(temporaryFolder());
    const once = clockAndIds();
    for (let host = 0; host < 40; host += 1) {
      const log = decisionLog(central.db, once, noBug, { kept: 100 });
      for (let index = 0; index < 4; index += 1) await log.record(entry, false);
      await log.flush();
    }
    expect(await count(central)).toBe(100);
  });

  test("deletes only entries of an agent that fills the log", async () => {
    const central = await openedCentral(temporaryFolder());
    let time = Date.parse(at);
    const clock = { ...clockAndIds(), now: () => new Date((time += 1)).toISOString() };
    const log = decisionLog(central.db, clock, noBug, { kept: 1_000 });
    for (let index = 0; index < 20; index += 1) await log.record({ ...entry, actor: stranger }, false);
    for (let index = 0; index < 3_000; index += 1) await log.record({ ...entry, actor: member }, false);
    await log.flush();
    const of = (actor: Actor) =>
      central.db.selectFrom("decisions").select("id").where("actor", "=", nameOfActor(actor)).execute();
    expect(await of(stranger)).toHaveLength(20);
    expect((await of(member)).length).toBeLessThan(1_600);
  });

  test("deletes the oldest entries if there are many actors with few entries each", async () => {
    const central = await openedCentral(temporaryFolder());
    let time = Date.parse(at);
    const clock = { ...clockAndIds(), now: () => new Date((time += 1)).toISOString() };
    const log = decisionLog(central.db, clock, noBug, { kept: 1_000 });
    for (let index = 0; index < 2_500; index += 1)
      await log.record({ ...entry, actor: person(`p${index}`) }, false);
    await log.flush();
    expect(await count(central)).toBeLessThan(1_600);
  });
});

test.each([
  { actor: operator, name: "host" },
  { actor: person("owner"), name: "user:telegram:owner" },
  { actor: stranger, name: "agent:ag-other/se-other" },
  { actor: { ...stranger, sessionId: "", simulatedBy: "host" } as const, name: "host as agent:ag-other" },
])("nameOfActor returns $name", ({ actor, name }) => expect(nameOfActor(actor)).toBe(name));

test("decisions list shows the actor, the command with its values, the effect and the rule, and no secret", async () => {
  const { ask, ok } = await hostBed();
  await ask(
    member,
    "groups",
    "config",
    "add-mcp-server",
    "--name",
    "rss",
    "--command",
    "npx",
    "--env",
    '{"T":"hunter2"}',
  );
  await ask(member, "members", "list", "--group", "ag-other");
  await ask(person("nobody"), "groups", "list");
  // Waiting entries are written before they are listed.
  const listed = await ok(operator, "decisions", "list", "--limit", "4");
  expect(listed).toEqual([
    expect.objectContaining({ actor: "host", command: "decisions list" }),
    expect.objectContaining({ actor: "user:telegram:nobody", effect: "deny", rule_id: "user-elsewhere" }),
    expect.objectContaining({ actor: "agent:ag-team/se-team", effect: "deny", rule_id: "foreign-group" }),
    expect.objectContaining({
      command: "groups config add-mcp-server",
      effect: "approve",
      args: { name: "rss", command: "npx", env: "(values of T)" },
    }),
  ]);
  const all = await ok(operator, "decisions", "list");
  expect(JSON.stringify(all)).not.toContain("hunter2");
});

test("decisions list names the operator behind a simulated agent, and the agent's group", async () => {
  const { ok, code } = await hostBed();
  await ok(operator, "groups", "list", "--as-group", "team");
  await code(operator, "members", "list", "--group", "ag-other", "--as-group", "ag-team");
  const actor = "host as agent:ag-team";
  expect(await ok(operator, "decisions", "list", "--actor", actor)).toEqual([
    expect.objectContaining({ actor, command: "members list", effect: "deny", rule_id: "foreign-group" }),
    expect.objectContaining({ actor, command: "groups list", effect: "allow", rule_id: "group-open" }),
  ]);
});
