import { addRow, at } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { expect } from "vitest";
import type { SessionHost } from "../session-host.ts";
import {
  fromAna,
  install,
  sessionFixture,
  until,
  type SessionFixture,
  type HostOptions,
} from "../session.fixture.ts";

export type Talking = SessionFixture & { readonly running: SessionHost; readonly sessionId: string };

/** A session with a running container that has answered nothing yet. */
export const talking = async (over: HostOptions = {}, made?: SessionFixture): Promise<Talking> => {
  const fixture = made ?? (await sessionFixture());
  const { db } = fixture.central;
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  await containerConfigStore(db, { now: () => at }).create("ag-2", { provider: "echo" });
  await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "family" });
  const running = await fixture.host({ runtime: fakeRuntime({ install }).runtime, ...over });
  await running.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  return { ...fixture, running, sessionId: (await fixture.session()).id };
};

/** A chat beside the session's own, and another agent. */
export const family = { channelType: "local", platformId: "family" };
export const toBo = { channelType: "agent", platformId: "ag-2" };
export const toAna = { channelType: "agent", platformId: "ag-1" };

/** The id of the message with this text, once the agent has received it. */
export const idOf = (agent: AgentSide, text: string): Promise<string> =>
  until(async () => {
    const received = await agent.receive({ isFirst: true, limit: 100, now: new Date().toISOString() });
    if (!received.ok) expect.fail(received.error.message);
    const found = received.value.find(({ content }) => (content as { readonly text: string }).text === text);
    return found?.id ?? expect.fail(`It has no message "${text}".`);
  });
