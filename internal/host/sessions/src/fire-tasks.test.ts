import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { addRow } from "@gatehouse/central-database/testing";
import type { TaskRow } from "@gatehouse/central-database";
import { describe, expect, test } from "vitest";
import { fromAna, sessionFixture, until, type SessionFixture } from "./session.fixture.ts";

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** A task of Ana's chat that runs once at this time. */
const taskAt = (fixture: SessionFixture, at: string, more: Partial<TaskRow> = {}): Promise<void> =>
  addRow(fixture.central.db, "tasks", {
    schedule: JSON.stringify({ kind: "at", at: Date.parse(at), zone: "UTC" }),
    text: "Read the news.",
    next_at: at,
    ...more,
  });
const outcomes = async ({ central }: SessionFixture): Promise<readonly string[]> =>
  (await central.db.selectFrom("task_runs").select("outcome").execute()).map(({ outcome }) => outcome);

test("a task is answered in its chat, by a session of its own, and its end is written", async () => {
  const fixture = await sessionFixture();
  await taskAt(fixture, inMs(0));
  const host = await fixture.host({ times: { tickMs: 50 } });
  await until(() => expect(fixture.texts()).toEqual(["Read the news."]));
  expect(fixture.channel.sent).toMatchObject([{ platformId: "ana", from: "Ana" }]);
  await until(async () => expect(await outcomes(fixture)).toEqual(["done"]));
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.texts()).toEqual(["Read the news.", "hello"]));
  const sessions = await fixture.central.db.selectFrom("sessions").select("task_id").execute();
  expect(new Set(sessions.map(({ task_id }) => task_id))).toEqual(new Set(["ta-1", null]));
});

test("a task that a command made runs at its time, before the next pass over all tasks", async () => {
  const fixture = await sessionFixture();
  const host = await fixture.host({ times: { tickMs: 3_600_000 } });
  await taskAt(fixture, inMs(200));
  await host.refresh();
  await until(() => expect(fixture.texts()).toEqual(["Read the news."]));
});

test("a task that was due while no host ran is run by the next host, once", async () => {
  const fixture = await sessionFixture();
  const first = await fixture.host();
  await first.close();
  await taskAt(fixture, inMs(0));
  const next = await fixture.host();
  await until(() => expect(fixture.texts()).toEqual(["Read the news."]));
  await next.refresh();
  expect(await outcomes(fixture)).toHaveLength(1);
});

describe("the session of a task", () => {
  const sessions = async ({ central }: SessionFixture) =>
    central.db.selectFrom("sessions").select(["status", "task_id"]).orderBy("task_id").execute();

  test.each([
    { what: "has ended", task: {}, status: "closed" },
    {
      what: "runs again",
      task: { schedule: '{"kind":"cron","expression":"0 8 1 1 *","zone":"UTC"}' },
      status: "active",
    },
  ])("that $what is $status once its agent has ended", async ({ task, status }) => {
    const fixture = await sessionFixture();
    await taskAt(fixture, inMs(0), task);
    const host = await fixture.host({ times: { tickMs: 50, sweepMs: 5, endIdleMs: 0, idleMs: 0 } });
    await until(() => expect(fixture.texts()).toEqual(["Read the news."]));
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.texts()).toEqual(["Read the news.", "hello"]));
    // The sweep has given both back.
    await until(async () => {
      const leases = await fixture.central.db.selectFrom("leases").select("expires_at").execute();
      expect(leases.filter(({ expires_at: at }) => at > inMs(0))).toEqual([]);
    });
    expect(await sessions(fixture)).toEqual(
      expect.arrayContaining([
        { task_id: "ta-1", status },
        { task_id: null, status: "active" },
      ]),
    );
  });
});

describe("a task with a command", () => {
  test.each([
    { condition: "test 1 = 2", texts: [], outcome: "kept-asleep" },
    {
      condition: "echo two files",
      texts: [/<output command="echo two files">two files\n<\/output>/],
      outcome: "done",
    },
    {
      condition: "no-such-program-xyz",
      texts: [/^No answer: The task's command could not be run \(code 127\)/],
      outcome: "failed",
    },
  ])("that is '$condition' is $outcome, in the agent's own place", async ({ condition, texts, outcome }) => {
    const fixture = await sessionFixture();
    await taskAt(fixture, inMs(0), { text: "/prompt", condition });
    await fixture.host({ times: { tickMs: 50 } });
    await until(async () => expect(await outcomes(fixture)).toEqual([outcome]));
    await until(() =>
      expect(fixture.texts()).toEqual(texts.map((text) => expect.stringMatching(text) as unknown)),
    );
  });

  test("runs again if its agent is killed meanwhile, and wakes the next one once", async () => {
    const fixture = await sessionFixture();
    // The first one hangs.
    const condition = "mkdir once && touch hangs && sleep 300; cat text";
    await writeFile(join(fixture.dataDir, "groups", "ana", "text"), "two files");
    await taskAt(fixture, inMs(0), { text: "/prompt", condition });
    await fixture.host({ times: { tickMs: 50, retryMs: 10 } });
    await until(() => expect(existsSync(join(fixture.dataDir, "groups", "ana", "hangs"))).toBe(true));
    process.kill(Number(fixture.happened("container-started")[0]?.["pid"]), "SIGKILL");
    await until(async () => expect(await outcomes(fixture)).toEqual(["done"]));
    expect(fixture.texts()).toEqual([expect.stringContaining(">two files</output>")]);
  });

  test("does not run again if its agent is killed in the turn, which is repeated", async () => {
    const fixture = await sessionFixture();
    await taskAt(fixture, inMs(0), { text: "/ncl help", condition: "mkdir once" });
    let asked = 0;
    await fixture.host({
      times: { tickMs: 50, retryMs: 10 },
      answerAgent: async () => {
        asked += 1;
        if (asked === 1) process.kill(Number(fixture.happened("container-started")[0]?.["pid"]), "SIGKILL");
        return { id: "1", ok: true, data: "all is well" };
      },
    });
    await until(() => expect(fixture.texts()).toEqual(["all is well"]));
    await until(async () => expect(await outcomes(fixture)).toEqual(["done"]));
    expect(asked).toBe(2);
  });
});
