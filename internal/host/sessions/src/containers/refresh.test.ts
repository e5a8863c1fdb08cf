import { addRow, at } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentSide, Projection } from "@gatehouse/session-rows/messages";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

const projectionOf = async (agent: AgentSide): Promise<Projection> => {
  const read = await agent.projection();
  if (!read.ok) expect.fail(read.error.message);
  return read.value;
};
const namesIn = async (agent: AgentSide): Promise<readonly string[]> =>
  (await projectionOf(agent)).destinations.map(({ name }) => name);

/** Running sessions of one group, and the chat `family` for which the group has no destination yet. */
const running = async (fixture: SessionFixture, count: number): Promise<readonly AgentSide[]> => {
  await until(() => expect(fixture.happened("container-started")).toHaveLength(count));
  const rows = await fixture.central.db.selectFrom("sessions").selectAll().orderBy("created_at").execute();
  return rows.map(({ id }) => fixture.agent(id));
};

test("changed destinations reach every running session of the group, and no session of another group", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  await containerConfigStore(db, { now: () => at }).create("ag-2", { provider: "echo" });
  await addRow(db, "messaging_groups", {
    id: "mg-2",
    channel_type: "local",
    platform_id: "family",
    name: "Family",
  });
  await addRow(db, "messaging_group_agents", {
    id: "wi-2",
    messaging_group_id: "mg-2",
    agent_group_id: "ag-2",
  });
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  const host = await fixture.host({ runtime: fakeRuntime({ install }).runtime });
  await host.receive(fromAna("m-1", "hello", { threadId: "a" }));
  await host.receive(fromAna("m-2", "hello", { threadId: "b" }));
  await host.receive(fromAna("m-3", "hello", { platformId: "family" }));
  const [one, other, bos] = (await running(fixture, 3)) as [AgentSide, AgentSide, AgentSide];
  expect(await Promise.all([one, other, bos].map(namesIn))).toEqual([[], [], []]);
  await addRow(db, "agent_destinations", { local_name: "family", target_id: "mg-2" });
  await addRow(db, "agent_destinations", { local_name: "bo", target_type: "agent", target_id: "ag-2" });
  await host.refresh();
  const destinations = [
    {
      name: "bo",
      displayName: "Bo",
      type: "agent",
      channelType: null,
      platformId: null,
      agentGroupId: "ag-2",
    },
    {
      name: "family",
      displayName: "Family",
      type: "channel",
      channelType: "local",
      platformId: "family",
      agentGroupId: null,
    },
  ];
  for (const agent of [one, other]) expect(await projectionOf(agent)).toMatchObject({ destinations });
  await db.deleteFrom("agent_destinations").where("local_name", "=", "bo").execute();
  await host.refresh();
  expect(await Promise.all([one, other, bos].map(namesIn))).toEqual([["family"], ["family"], []]);
});

test("a session that does not run gets changed destinations at its next start", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime });
  await host.receive(fromAna("m-1", "hello"));
  const [agent] = (await running(fixture, 1)) as [AgentSide];
  const acknowledgements = [{ id: "m-1", status: "completed", reason: null }] as const;
  await agent.commit({ acknowledgements, messages: [], now: new Date().toISOString() });
  fake.containers[0]?.end();
  await until(() => expect(fixture.happened("container-ended")).toHaveLength(1));
  await addRow(db, "agent_destinations", { local_name: "ana" });
  await host.receive(fromAna("m-2", "again"));
  await running(fixture, 2);
  expect(await namesIn(agent)).toEqual(["ana"]);
});

test("the routing of a session names its chat and thread; a session of several chats has neither", async () => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  const host = await fixture.host({ runtime: fakeRuntime({ install }).runtime });
  await host.receive(fromAna("m-1", "hello", { threadId: "a" }));
  await db.updateTable("messaging_group_agents").set({ session_mode: "agent-shared" }).execute();
  await host.receive(fromAna("m-2", "hello", { threadId: "a" }));
  const [thread, shared] = (await running(fixture, 2)) as [AgentSide, AgentSide];
  expect((await projectionOf(thread)).routing).toEqual({
    channelType: "local",
    platformId: "ana",
    threadId: "a",
  });
  expect((await projectionOf(shared)).routing).toEqual({
    channelType: null,
    platformId: null,
    threadId: null,
  });
});
