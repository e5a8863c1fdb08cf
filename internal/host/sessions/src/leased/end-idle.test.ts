import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

/** A host that ends each agent as soon as it has no work. */
const restless = async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { sweepMs: 2, endIdleMs: 0 } });
  return { ...fixture, fake, host };
};

/** The number of agents that run. */
const running = ({ happened }: Pick<SessionFixture, "happened">): number =>
  happened("container-started").length - happened("container-ended").length;

test("an agent without work is ended, and the next message starts another agent", async () => {
  const fixture = await restless();
  for (let count = 1; count <= 10; count += 1) {
    await fixture.host.receive(fromAna(`m-${count}`, "hello"));
    await until(() => expect(running(fixture)).toBe(1));
    const { id } = await fixture.session();
    const done = { id: `m-${count}`, status: "completed", reason: null } as const;
    await fixture.agent(id).commit({ acknowledgements: [done], messages: [], now: new Date().toISOString() });
    await until(() => expect(running(fixture)).toBe(0));
  }
  expect(fixture.happened("container-idle")).toHaveLength(10);
  expect(fixture.happened("wake-failed")).toEqual([]);
});

test("a message that comes while an idle agent ends is taken by the next agent, without a counted try", async () => {
  const fixture = await restless();
  await fixture.host.receive(fromAna("m-1", "hello"));
  await until(() => expect(running(fixture)).toBe(1));
  const { id } = await fixture.session();
  const done = { id: "m-1", status: "completed", reason: null } as const;
  await fixture.agent(id).commit({ acknowledgements: [done], messages: [], now: new Date().toISOString() });
  await until(() => expect(fixture.happened("container-idle")).toHaveLength(1));
  await fixture.host.receive(fromAna("m-2", "and again"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const now = new Date().toISOString();
  const received = await fixture.agent(id).receive({ isFirst: true, limit: 10, now });
  expect(received).toMatchObject({ ok: true, value: [{ tries: 0, content: { text: "and again" } }] });
});

test("an agent with a message in work is not ended, while an idle agent is", async () => {
  const fixture = await restless();
  const { db } = fixture.central;
  await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "other" });
  await addRow(db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
  const acknowledge = async (
    chat: string,
    id: string,
    status: "processing" | "completed",
  ): Promise<string> => {
    const session = await db
      .selectFrom("sessions")
      .select("id")
      .where("messaging_group_id", "=", chat)
      .executeTakeFirstOrThrow();
    const acknowledgements = [{ id, status, reason: null }];
    await fixture.agent(session.id).commit({ acknowledgements, messages: [], now: new Date().toISOString() });
    return session.id;
  };
  await fixture.host.receive(fromAna("m-1", "hello"));
  await until(() => expect(running(fixture)).toBe(1));
  await acknowledge("mg-1", "m-1", "processing");
  await fixture.host.receive(fromAna("m-2", "hello", { platformId: "other" }));
  await until(() => expect(running(fixture)).toBe(2));
  const session = await acknowledge("mg-2", "m-2", "completed");
  await until(() => expect(fixture.happened("container-idle")).toMatchObject([{ session }]));
});
