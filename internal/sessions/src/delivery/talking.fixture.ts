import { addRow, at } from "@gatehouse/control-plane/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentEnd } from "@nc/session-db";
import { expect } from "vitest";
import type { SessionHost, SessionHostOptions } from "../session-host.ts";
import { fromAna, install, sessionBed, until, type SessionBed } from "../session-bed.fixture.ts";

export type Talking = SessionBed & { readonly running: SessionHost; readonly sessionId: string };

/** A session whose container runs, with nothing answered yet. */
export const talking = async (
  over: Partial<SessionHostOptions> = {},
  made?: SessionBed,
): Promise<Talking> => {
  const bed = made ?? (await sessionBed());
  const { db } = bed.central;
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  await containerConfigStore(db, { now: () => at }).create("ag-2", { provider: "echo" });
  await addRow(db, "messaging_groups", { id: "mg-2", channel_type: "local", platform_id: "family" });
  const running = await bed.host({ runtime: fakeRuntime({ install }).runtime, ...over });
  await running.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  return { ...bed, running, sessionId: (await bed.session()).id };
};

/** A chat beside the session's own, and another agent. */
export const family = { channelType: "local", platformId: "family" };
export const toBo = { channelType: "agent", platformId: "ag-2" };
export const toAna = { channelType: "agent", platformId: "ag-1" };

/** The id under which an agent has the message with this text, once it has it. */
export const idOf = (agent: AgentEnd, text: string): Promise<string> =>
  until(async () => {
    const received = await agent.receive({ isFirst: true, limit: 100, now: new Date().toISOString() });
    if (!received.ok) expect.fail(received.error.message);
    const found = received.value.find(({ content }) => (content as { readonly text: string }).text === text);
    return found?.id ?? expect.fail(`It has no message "${text}".`);
  });
