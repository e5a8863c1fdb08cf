import { addRow } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { fromAna, sessionFixture, until, type SessionFixture } from "./session.fixture.ts";

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** A task of Ana's chat that runs once at this time. */
const taskAt = (fixture: SessionFixture, at: string): Promise<void> =>
  addRow(fixture.central.db, "tasks", {
    schedule: JSON.stringify({ kind: "at", at: Date.parse(at), zone: "UTC" }),
    text: "Read the news.",
    next_at: at,
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
