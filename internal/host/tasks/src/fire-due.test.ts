import { randomUUID } from "node:crypto";
import type { Kysely, KyselyPlugin } from "kysely";
import type { CentralTables, TaskRow } from "@gatehouse/central-database";
import { addRow, openedCentral, planOf, temporaryFolder } from "@gatehouse/central-database/testing";
import { describeOnBoth } from "@gatehouse/session-rows/testing";
import { expect, test } from "vitest";
import { lastOutcomes, taskRuns } from "./task-runs.ts";
import { fireDue, nextDue, runNow, settleRuns, type Firing } from "./fire-due.ts";

type Db = Kysely<CentralTables>;

const at = (time: string): number => Date.parse(`2026-12-${time}:00.000Z`);
const iso = (time: string): string => new Date(at(time)).toISOString();

const by = (db: Db, owner = "host-1"): Firing => ({ db, owner, id: (prefix) => `${prefix}-${randomUUID()}` });
const never = (error: unknown): never => {
  throw error;
};
const fire = async (db: Db, time: string, owner?: string): Promise<number> =>
  (await fireDue(by(db, owner), at(time), never)).length;

/** A task of each weekday at eight, next on Tuesday 1 December, whose group is wired to its chat. */
const taskIn = async (db: Db, changes: Partial<TaskRow> = {}): Promise<void> => {
  await addRow(db, "messaging_group_agents");
  await addRow(db, "tasks", { next_at: iso("01T08:00"), ...changes });
};
const given = (db: Db) =>
  db
    .selectFrom("session_messages_in as message")
    .innerJoin("sessions", "sessions.id", "message.session_id")
    .select(["message.id", "message.kind", "message.content", "sessions.task_id"])
    .orderBy("message.id")
    .execute();
const idsGiven = async (db: Db): Promise<readonly string[]> => (await given(db)).map(({ id }) => id);
const taskOf = (db: Db): Promise<TaskRow> => db.selectFrom("tasks").selectAll().executeTakeFirstOrThrow();
const runs = (db: Db) =>
  db.selectFrom("task_runs").select(["at", "outcome", "missed", "missed_until"]).orderBy("at").execute();
const end = (db: Db, status: "completed" | "failed") =>
  db
    .updateTable("session_messages_in")
    .set({ status, claimed_at: iso("01T08:00") })
    .execute();
const notices = async (db: Db): Promise<readonly string[]> =>
  (await db.selectFrom("owner_notices").select("text").execute()).map(({ text }) => text);

/** Ends a host at its nth statement. */
const killAt = (nth: number): KyselyPlugin => {
  let statements = 0;
  return {
    transformQuery: ({ node }) => {
      statements += 1;
      return statements === nth ? never(new Error("killed")) : node;
    },
    transformResult: async ({ result }) => result,
  };
};

describeOnBoth("tasks that are due", ({ twoHosts }) => {
  test("are messages to a session of their own, once, and have a next time", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    expect(await nextDue(one, at("01T07:00"))).toBe(at("01T08:00"));
    expect([await fire(one, "01T07:59"), await fire(one, "01T08:00"), await fire(one, "01T08:01")]).toEqual([
      0, 1, 0,
    ]);
    expect(await given(one)).toMatchObject([
      { id: "ta-1@2026-12-01T08:00:00.000Z", kind: "task", task_id: "ta-1" },
    ]);
    expect(await taskOf(one)).toMatchObject({ next_at: iso("02T08:00"), last_at: iso("01T08:00") });
    expect(await runs(one)).toMatchObject([{ at: iso("01T08:00"), outcome: "running", missed: 0 }]);
    await end(one, "completed");
    await fire(one, "02T08:00");
    expect(
      await one.selectFrom("sessions").select("id").where("task_id", "=", "ta-1").execute(),
    ).toHaveLength(1);
  });

  test("are fired once by two hosts that look in the same moment", async (context) => {
    const [one, other] = await twoHosts(context);
    await taskIn(one);
    const fired = await Promise.all([fire(one, "01T08:00", "host-1"), fire(other, "01T08:00", "host-2")]);
    expect(fired.toSorted()).toEqual([0, 1]);
    expect(await idsGiven(one)).toHaveLength(1);
  });

  test("write nothing if the host fails in between, and are fired by the next look", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    const errors: unknown[] = [];
    const failing: Firing = { ...by(one), id: () => never(new Error("killed here")) };
    await fireDue(failing, at("01T08:00"), (error) => errors.push(error));
    expect(errors).toHaveLength(1);
    expect([await idsGiven(one), await runs(one), (await taskOf(one)).next_at]).toEqual([
      [],
      [],
      iso("01T08:00"),
    ]);
    expect(await fire(one, "01T08:01")).toBe(1);
  });

  test("are written once, whichever statement is the last of a host that is killed", async (context) => {
    const [one, other] = await twoHosts(context);
    await taskIn(one);
    for (let day = 1, killed = true; killed; day += 1) {
      const time = `${String(day).padStart(2, "0")}T08:00`;
      await one
        .updateTable("tasks")
        .set({ next_at: iso(time) })
        .execute();
      killed = false;
      await fireDue(by(one.withPlugin(killAt(day))), at(time), () => (killed = true)).catch(
        () => (killed = true),
      );
      const before = await idsGiven(one);
      expect((await runs(one)).length, `killed at statement ${day}`).toBe(before.length);
      await fire(other, time, "host-2");
      expect(await idsGiven(one)).toEqual([`ta-1@${iso(time)}`]);
      expect(await runs(one)).toMatchObject([{ at: iso(time), outcome: "running" }]);
      for (const table of ["session_messages_in", "task_runs"] as const)
        await one.deleteFrom(table).execute();
      if (!killed) expect(day).toBeGreaterThan(10);
    }
  });

  test("of three days without a host are one run with a note, and the others are named", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    await fire(one, "04T09:30");
    const [message] = await given(one);
    expect(message?.id).toBe("ta-1@2026-12-04T08:00:00.000Z");
    expect(JSON.parse(message?.content ?? "")).toMatchObject({
      text: expect.stringMatching(/^Read the news\.\n\n\(3 runs were missed: .*\)$/),
    });
    expect(await runs(one)).toEqual([
      { at: iso("01T08:00"), outcome: "missed", missed: 3, missed_until: iso("03T08:00") },
      { at: iso("04T08:00"), outcome: "running", missed: 0, missed_until: null },
    ]);
  });

  test.for([
    { missed: "latest", messages: 1, outcomes: ["running", "missed"] },
    { missed: "skip", messages: 1, outcomes: ["running", "missed"] },
    { missed: "all", messages: 2, outcomes: ["running", "running"] },
  ])("with $missed, while the agent has not begun the run before: $messages wait", async (row, context) => {
    const [one] = await twoHosts(context);
    await taskIn(one, { missed: row.missed });
    await fire(one, "01T08:00");
    await fire(one, "02T08:00");
    expect(await idsGiven(one)).toHaveLength(row.messages);
    expect((await runs(one)).map(({ outcome }) => outcome)).toEqual(row.outcomes);
    expect(await taskOf(one)).toMatchObject({ next_at: iso("03T08:00"), last_at: iso("02T08:00") });
  });

  test("end after the last time", async (context) => {
    const [one] = await twoHosts(context);
    const schedule = JSON.stringify({ kind: "at", at: at("01T08:00"), zone: "UTC" });
    await taskIn(one, { schedule });
    await fire(one, "01T08:00");
    expect(await taskOf(one)).toMatchObject({ status: "ended", next_at: null });
    expect(await nextDue(one, at("01T08:00"))).toBeNull();
  });

  test("of a conversation go to its session", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one, { has_own_session: 0 });
    const [fired] = await fireDue(by(one), at("01T08:00"), never);
    expect(fired).toEqual({ taskId: "ta-1", sessionId: "se-1" });
  });

  test("are paused if their group does not answer in the chat any more, and owners are told", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    await one.deleteFrom("messaging_group_agents").execute();
    expect(await fire(one, "01T08:00")).toBe(0);
    expect(await taskOf(one)).toMatchObject({ status: "paused" });
    expect(await notices(one)).toEqual([
      "The task ta-1 (Read the news.) is paused: its agent does not answer in its chat any more. To run it again: ncl tasks resume ta-1",
    ]);
    expect(await fire(one, "02T08:00")).toBe(0);
    expect(await notices(one)).toHaveLength(1);
  });

  test("run now beside their times", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one, { status: "paused" });
    expect(await runNow(by(one), "ta-1", at("01T05:00"))).toMatchObject({ taskId: "ta-1" });
    expect(await idsGiven(one)).toEqual(["ta-1@2026-12-01T05:00:00.000Z"]);
    expect(await taskOf(one)).toMatchObject({ next_at: iso("01T08:00"), status: "paused" });
    expect(await runNow(by(one), "ta-9", at("01T05:00"))).toBeNull();
  });

  test("that could not be fired delay no other task", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one, { schedule: "torn" });
    await addRow(one, "tasks", { id: "ta-2", next_at: iso("01T09:00") });
    const reported: unknown[] = [];
    await fireDue(by(one), at("01T08:00"), (error) => reported.push(error));
    expect(reported).toHaveLength(1);
    expect(await nextDue(one, at("01T08:00"))).toBe(at("01T09:00"));
  });

  test("are looked at in parts, and each is fired", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    for (let number = 2; number <= 230; number += 1)
      await addRow(one, "tasks", { id: `ta-${number}`, next_at: iso("01T08:00") });
    expect(await fire(one, "01T08:00")).toBe(230);
  });
});

describeOnBoth("the end of a run", ({ twoHosts }) => {
  const runsOn = async (db: Db, from: number, to: number, status: "completed" | "failed"): Promise<void> => {
    for (let day = from; day <= to; day += 1) {
      const time = `${String(day).padStart(2, "0")}T08:00`;
      await fire(db, time);
      await end(db, status);
      await settleRuns(by(db), at(time));
    }
  };

  test.for([
    { what: "seven failures", days: [[1, 7, "failed"]], status: "active", failures: 7, told: 0 },
    { what: "eight failures", days: [[1, 8, "failed"]], status: "paused", failures: 8, told: 1 },
    {
      what: "seven failures, an answer, and seven more",
      days: [
        [1, 7, "failed"],
        [8, 8, "completed"],
        [9, 15, "failed"],
      ],
      status: "active",
      failures: 7,
      told: 0,
    },
  ] as const)("$what leave the task $status", async ({ days, status, failures, told }, context) => {
    const [one] = await twoHosts(context);
    const schedule = JSON.stringify({ kind: "cron", expression: "0 8 * * *", zone: "UTC" });
    await taskIn(one, { schedule });
    for (const [from, to, how] of days) {
      await one.deleteFrom("session_messages_in").execute();
      await runsOn(one, from, to, how);
    }
    expect(await taskOf(one)).toMatchObject({ status, failures });
    expect(await notices(one)).toHaveLength(told);
  });

  test("of a command that woke nobody is kept-asleep, and counts as no failure", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one, { condition: "test -s inbox", failures: 7 });
    await fire(one, "01T08:00");
    const [message] = await given(one);
    expect(JSON.parse(message?.content ?? "")).toMatchObject({ task: "ta-1", condition: "test -s inbox" });
    await one
      .updateTable("session_messages_in")
      .set({ status: "completed", reason: "Kept asleep: its command ended with code 1." })
      .execute();
    expect(await taskRuns(one, "ta-1", 10)).toMatchObject([{ at: iso("01T08:00"), outcome: "kept-asleep" }]);
    await settleRuns(by(one), at("01T08:01"));
    expect(await runs(one)).toMatchObject([{ outcome: "kept-asleep" }]);
    expect(await taskOf(one)).toMatchObject({ status: "active", failures: 0 });
  });

  test("is written once it is known", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    await fire(one, "01T08:00");
    await settleRuns(by(one), at("01T08:01"));
    expect(await runs(one)).toMatchObject([{ outcome: "running" }]);
    expect(await taskRuns(one, "ta-1", 10)).toMatchObject([{ outcome: "running" }]);
    await one.deleteFrom("session_messages_in").execute();
    expect(await taskRuns(one, "ta-1", 10)).toMatchObject([{ outcome: "done" }]);
    await settleRuns(by(one), at("01T08:01"));
    expect(await runs(one)).toMatchObject([{ outcome: "done" }]);
  });

  test("is a failure if its session is closed before, and the next time runs in a new one", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one);
    await fire(one, "01T08:00");
    await one.updateTable("sessions").set({ status: "closed" }).execute();
    expect(await fire(one, "02T08:00")).toBe(1);
    await settleRuns(by(one), at("02T08:00"));
    expect(await runs(one)).toMatchObject([
      { at: iso("01T08:00"), outcome: "failed" },
      { at: iso("02T08:00"), outcome: "running" },
    ]);
    expect(await taskOf(one)).toMatchObject({ status: "active", failures: 0 });
  });

  test("is kept for the newest 50 runs", async (context) => {
    const [one] = await twoHosts(context);
    const schedule = JSON.stringify({ kind: "every", every: 60_000, from: at("01T07:00"), zone: "UTC" });
    await taskIn(one, { schedule, missed: "all" });
    for (const time of ["01T08:10", "01T08:33", "01T08:56", "01T09:19"]) await fire(one, time);
    const kept = await runs(one);
    expect(kept).toHaveLength(50);
    expect(kept.at(-1)).toMatchObject({ at: iso("01T09:19") });
  });
});

describeOnBoth("the last outcome of each task", ({ twoHosts }) => {
  test("is that of its newest run by now, and of no task that is not asked for", async (context) => {
    const [one] = await twoHosts(context);
    await taskIn(one, { missed: "all" });
    for (const id of ["ta-2", "ta-3"]) await addRow(one, "tasks", { id, next_at: iso("01T08:00") });
    await addRow(one, "tasks", { id: "ta-4" });
    await fire(one, "01T08:00");
    await end(one, "failed");
    await settleRuns(by(one), at("01T08:01"));
    await fire(one, "02T08:00");
    const ended = one.updateTable("session_messages_in").set({ status: "completed" });
    await ended.where("id", "=", `ta-2@${iso("02T08:00")}`).execute();
    const outcomes = await lastOutcomes(one, ["ta-1", "ta-2", "ta-4"]);
    expect([...outcomes].toSorted()).toEqual([
      ["ta-1", "running"],
      ["ta-2", "done"],
    ]);
    expect(await lastOutcomes(one, [])).toEqual(new Map());
  });
});

test("a look finds what is due by an index, however many tasks there are", async () => {
  const { db } = await openedCentral(temporaryFolder());
  const queries: string[] = [];
  const quoted = (value: unknown): string =>
    typeof value === "number" ? String(value) : `'${String(value)}'`;
  const noting = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      const { sql, parameters } = db.getExecutor().compileQuery(node, queryId);
      const values = [...parameters];
      queries.push(sql.replaceAll(/\?|\$\d+/g, () => quoted(values.shift())));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await settleRuns(by(noting), at("01T08:00"));
  await fireDue(by(noting), at("01T08:00"), never);
  await nextDue(noting, at("01T08:00"));
  const plans = await Promise.all(queries.map((query) => planOf(db, query)));
  expect(plans).toEqual([
    expect.stringContaining("task_runs_running"),
    expect.stringContaining("tasks_due"),
    expect.stringContaining("tasks_due"),
  ]);
});
