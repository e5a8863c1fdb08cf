import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, given, install, sessionFixture, until } from "../session.fixture.ts";
import { maxTries } from "../lifecycle/judge.ts";
import { expire } from "./leases.fixture.ts";

const several = { isAlone: false } as const;

/** A session whose agent has `m-1` in work after `tries` other agents, and whose host is gone. */
const withoutHost = async (tries: number) => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  const gone = await fixture.host({
    ...several,
    runtime: fakeRuntime({ install }).runtime,
    times: { leaseMs: 600_000, askedMs: 600_000 },
  });
  await gone.receive(fromAna("m-1", "first"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  await db.updateTable("session_messages_in").set({ tries }).execute();
  await given(fixture.agent(id));
  const processing = { id: "m-1", status: "processing", reason: null } as const;
  const now = new Date().toISOString();
  await fixture.agent(id).commit({ acknowledgements: [processing], messages: [], now });
  await gone.receive(fromAna("m-2", "second"));
  await expire(fixture, id);
  return fixture;
};

test("the message that an agent of a gone host had in work comes first, at once and with one more counted try", async () => {
  const fixture = await withoutHost(maxTries - 2);
  // A message that waits for its next try would come after the end of the test.
  const times = { askedMs: 20, retryMs: 600_000 };
  await fixture.host({ ...several, times, runtime: fakeRuntime({ install: "other" }).runtime });
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const next = fixture.agent((await fixture.session()).id);
  const received = await next.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
  expect(received).toMatchObject({
    value: [
      { id: "m-1", tries: maxTries - 1 },
      { id: "m-2", tries: 0 },
    ],
  });
});

test("a message that is in work each time when its host is lost fails after as many tries as any other", async () => {
  const fixture = await withoutHost(maxTries - 1);
  const times = { askedMs: 20, retryMs: 600_000 };
  await fixture.host({ ...several, times, runtime: fakeRuntime({ install: "other" }).runtime });
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const next = fixture.agent((await fixture.session()).id);
  const received = await next.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
  expect(received).toMatchObject({ value: [{ id: "m-2" }] });
  const { db } = fixture.central;
  const failed = db.selectFrom("session_messages_in").select(["status", "tries"]).where("id", "=", "m-1");
  expect(await failed.executeTakeFirst()).toEqual({ status: "failed", tries: maxTries });
  await until(() => expect(fixture.texts().join("\n")).toContain("ended 5 times"));
});
