import { addRow, at } from "@gatehouse/control-plane/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentEnd, Projection } from "@nc/session-db";
import { expect, test } from "vitest";
import { fromAna, install, sessionBed, until, type SessionBed } from "../session-bed.fixture.ts";

const projectionOf = async (agent: AgentEnd): Promise<Projection> => {
  const read = await agent.projection();
  if (!read.ok) expect.fail(read.error.message);
  return read.value;
};
const namesIn = async (agent: AgentEnd): Promise<readonly string[]> =>
  (await projectionOf(agent)).destinations.map(({ name }) => name);

/** Sessions of a group of ours, each running, and the chat `family` that it has no name for yet. */
const running = async (bed: SessionBed, count: number): Promise<readonly AgentEnd[]> => {
  await until(() => expect(bed.happened("container-started")).toHaveLength(count));
  const rows = await bed.central.db.selectFrom("sessions").selectAll().orderBy("created_at").execute();
  return rows.map(({ id }) => bed.agent(id));
};

test("changed destinations reach every session of the group that runs, and no other group's (F12)", async () => {
  const bed = await sessionBed();
  const { db } = bed.central;
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
  const host = await bed.host({ runtime: fakeRuntime({ install }).runtime });
  await host.take(fromAna("m-1", "hello", { threadId: "a" }));
  await host.take(fromAna("m-2", "hello", { threadId: "b" }));
  await host.take(fromAna("m-3", "hello", { platformId: "family" }));
  const [one, other, bos] = (await running(bed, 3)) as [AgentEnd, AgentEnd, AgentEnd];
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

test("a session that does not run has them at its next start (F12)", async () => {
  const bed = await sessionBed();
  const { db } = bed.central;
  const fake = fakeRuntime({ install });
  const host = await bed.host({ runtime: fake.runtime });
  await host.take(fromAna("m-1", "hello"));
  const [agent] = (await running(bed, 1)) as [AgentEnd];
  const acknowledgements = [{ id: "m-1", status: "completed", reason: null }] as const;
  await agent.commit({ acknowledgements, messages: [], now: new Date().toISOString() });
  fake.containers[0]?.end();
  await until(() => expect(bed.happened("container-ended")).toHaveLength(1));
  await addRow(db, "agent_destinations", { local_name: "ana" });
  await host.take(fromAna("m-2", "again"));
  await running(bed, 2);
  expect(await namesIn(agent)).toEqual(["ana"]);
});

test("its routing names the chat and the thread; of a session of several chats, neither (case 18)", async () => {
  const bed = await sessionBed();
  const { db } = bed.central;
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  const host = await bed.host({ runtime: fakeRuntime({ install }).runtime });
  await host.take(fromAna("m-1", "hello", { threadId: "a" }));
  await db.updateTable("messaging_group_agents").set({ session_mode: "agent-shared" }).execute();
  await host.take(fromAna("m-2", "hello", { threadId: "a" }));
  const [thread, shared] = (await running(bed, 2)) as [AgentEnd, AgentEnd];
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
