import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { describe, expect, test } from "vitest";
import { fromAna, given, install, said, says, sessionFixture, until } from "../session.fixture.ts";

/** A host with one running agent. */
const running = async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fake.containers).toHaveLength(1));
  const { id } = await fixture.session();
  const agent = fixture.agent(id);
  const configured = (place: number): object =>
    JSON.parse(fake.containers[place]?.files().get("in/container.json") ?? "") as object;
  const choose = async (values: object): Promise<void> => {
    await fixture.central.db.updateTable("sessions").set(values).execute();
    await host.refresh();
  };
  return { fixture, fake, host, agent, configured, choose };
};

const opus = { agent_provider: "claude", agent_model: "opus", agent_model_provider: "claude" };

/** The agent takes the message m-1 in work, or has done with it. */
const marks = async (agent: AgentSide, status: "processing" | "completed"): Promise<void> => {
  const first = { id: "m-1", status, reason: null };
  const now = new Date().toISOString();
  expect(await agent.commit({ acknowledgements: [first], messages: [], now })).toMatchObject({ ok: true });
};

describe("a session whose model is changed", () => {
  test("an agent ends its turn, and is started with the new model at the next message", async () => {
    const { fixture, fake, host, agent, configured, choose } = await running();
    expect(configured(0)).toMatchObject({ provider: "echo" });
    expect(await given(agent)).toEqual(["hello"]);
    await marks(agent, "processing");
    await choose(opus);
    await host.refresh();
    expect(fake.containers[0]?.kills).toEqual([]);
    await marks(agent, "completed");
    await until(() => expect(fake.containers[0]?.kills).toHaveLength(1));
    fake.containers[0]?.end();
    await host.receive(fromAna("m-2", "again"));
    await until(() => expect(fake.containers).toHaveLength(2));
    expect(configured(1)).toMatchObject({ provider: "claude", model: "opus" });
    expect(fixture.happened("container-agent-changed")).toHaveLength(1);
    expect(JSON.parse((await fixture.session()).container_agent ?? "")).toEqual({
      provider: { value: "claude", from: "session" },
      model: { value: "opus", from: "session" },
    });
  });

  test("an agent without work is stopped at once", async () => {
    const { fake, agent, choose } = await running();
    await given(agent);
    await marks(agent, "completed");
    await choose(opus);
    await until(() => expect(fake.containers[0]?.kills).toHaveLength(1));
  });

  test("an agent that is still starting is stopped, and the message is answered with the new model", async () => {
    const fixture = await sessionFixture();
    const { db } = fixture.central;
    let starts = 0;
    const beforeSpawn = async (): Promise<null> => {
      if ((starts += 1) === 1) await db.updateTable("sessions").set(opus).execute();
      return null;
    };
    const fake = fakeRuntime({ install, beforeSpawn });
    const host = await fixture.host({ runtime: fake.runtime });
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(2));
    const json = JSON.parse(fake.containers[1]?.files().get("in/container.json") ?? "") as object;
    expect(json).toMatchObject({ provider: "claude", model: "opus" });
    expect(await given(fixture.agent((await fixture.session()).id))).toEqual(["hello"]);
  });

  test("an agent keeps running if its model is unchanged, or if only its group has another model", async () => {
    const { fixture, fake, host, agent } = await running();
    await given(agent);
    await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
    const { db } = fixture.central;
    await db.updateTable("container_configs").set({ model: "sonnet", generation: 2 }).execute();
    await host.refresh();
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    expect(fake.containers[0]?.kills).toEqual([]);
  });

  test("a reload of users.yaml applies the model of the session's person", async () => {
    const { fixture, fake, host, agent } = await running();
    await given(agent);
    await marks(agent, "completed");
    const { db } = fixture.central;
    await addRow(db, "users", { id: "telegram:5" });
    await addRow(db, "file_users", { user_id: "telegram:5", entry: JSON.stringify({ model: "opus" }) });
    await db.updateTable("messaging_groups").set({ user_id: "telegram:5" }).execute();
    await host.refresh();
    await until(() => expect(fake.containers[0]?.kills).toHaveLength(1));
  });
});
