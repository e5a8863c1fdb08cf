import type { EndedMessage } from "@gatehouse/channels";
import { addRow } from "@gatehouse/central-database/testing";
import { appendMessages, sessionSignals } from "@gatehouse/session-rows";
import type { InboundMessage } from "@gatehouse/session-rows/messages";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { family, idOf, talking, toBo } from "../delivery/talking.fixture.ts";
import { hostRow } from "@gatehouse/session-rows/messages";
import {
  fromAna,
  given,
  install,
  said,
  says,
  sessionFixture,
  type SessionFixture,
  until,
  type HostOptions,
} from "../session.fixture.ts";

const stop = (sessionId: string, reason = "its group was deleted") => ({
  sessionIds: [sessionId],
  groupId: "ag-1",
  message: null,
  reason,
});

const told = (id: string, reason = "its group was deleted") => ({
  id: `closed-${id}`,
  inReplyTo: id,
  failed: true,
  from: null,
  platformId: "ana",
  text: `This message will not be answered: this conversation was closed (${reason}).`,
});

/** A session of Ana with two messages: the first waits for its next try, the second is due. */
const withOpenMessages = async (over: HostOptions = {}) => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const times = { leaseMs: 600_000, retryMs: 600_000, wakeRetryMs: 600_000 };
  const running = await fixture.host({ runtime: fake.runtime, times, ...over });
  await running.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  const processing = { id: "m-1", status: "processing", reason: null } as const;
  const now = new Date().toISOString();
  await fixture.agent(id).commit({ acknowledgements: [processing], messages: [], now });
  fake.containers[0]?.end();
  await until(async () => expect(await fixture.session()).toMatchObject({ container_status: "stopped" }));
  await running.receive(fromAna("m-2", "again"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  return { ...fixture, fake, running, id, deleteRows: () => deleteRows(fixture) };
};

const deleteRows = async ({ central }: SessionFixture): Promise<void> => {
  for (const table of ["leases", "sessions"] as const) await central.db.deleteFrom(table).execute();
};

test("the sender of each open message of a closed session is told once, with the reason", async () => {
  const { channel, id, running, happened } = await withOpenMessages();
  const [one, again] = [running.handlers.stop, running.handlers.stop];
  expect(await one(stop(id, "closed by ncl"), "in-1")).toMatchObject({ value: { data: { stopped: 1 } } });
  const expected = [told("m-1", "closed by ncl"), told("m-2", "closed by ncl")];
  expect(channel.sent).toMatchObject(expected);
  expect(happened("message-failed")).toMatchObject([
    { session: id, id: "m-1", reason: "session-closed" },
    { session: id, id: "m-2", reason: "session-closed" },
  ]);
  await again(stop(id, "closed by ncl"), "in-1");
  expect([...channel.calls.values()]).toEqual([1, 1]);
});

const at = new Date().toISOString();

/** A message of Ana to another host. */
const fromAnaElsewhere = (id: string): InboundMessage => ({
  ...hostRow({ id, kind: "chat", timestamp: at, content: { text: id }, trigger: true }),
  channelType: "local",
  platformId: "ana",
});

test("another host writes to a session until it is closed, and each sender is told", async () => {
  const { channel, central, id, running } = await withOpenMessages();
  const inbox = { db: central.loop, signals: sessionSignals(), sessionId: id, owner: "host-2" };
  expect(await appendMessages(inbox, [fromAnaElsewhere("m-3")])).toMatchObject({ ok: true });
  await running.handlers.stop(stop(id), "in-1");
  expect(channel.sent.map((message) => message.id)).toEqual(["closed-m-1", "closed-m-2", "closed-m-3"]);
  const late = await appendMessages(inbox, [fromAnaElsewhere("m-4")]);
  expect(late).toMatchObject({ ok: false, error: { code: "closed" } });
  expect(await central.db.selectFrom("session_messages_in").select("id").execute()).toHaveLength(3);
});

test("the senders of more open messages than one page has are all told", { tags: ["slow"] }, async () => {
  const { channel, id, running } = await withOpenMessages();
  const ids = Array.from({ length: 120 }, (_, index) => `n-${index}`);
  for (const one of ids) await running.receive(fromAna(one, one));
  await running.handlers.stop(stop(id), "in-1");
  const closed = ["m-1", "m-2", ...ids].map((one) => `closed-${one}`);
  expect(channel.sent.map((message) => message.id)).toEqual(closed);
});

test("the sender of an answered message is not told, also if the container exits at the same moment", async () => {
  const fixture = await talking();
  const completed = { id: "m-1", status: "completed", reason: null } as const;
  const now = new Date().toISOString();
  await fixture.agent(fixture.sessionId).commit({
    acknowledgements: [completed],
    now,
    messages: [said("re-m-1", { inReplyTo: "m-1" })],
  });
  await fixture.running.handlers.stop(stop(fixture.sessionId), "in-1");
  expect(fixture.channel.sent).toMatchObject([{ id: "re-m-1" }]);
});

test("a message whose answer could not be sent any more is ended in its channel, with the reason", async () => {
  const ended: EndedMessage[] = [];
  const fixture = await sessionFixture();
  const channel = { ...fixture.channel, ended: async (message: EndedMessage) => void ended.push(message) };
  channel.send = async () => ({ ok: false, error: { code: "not-reachable", message: "Not now." } });
  const { runtime } = fakeRuntime({ install });
  const running = await fixture.host({ channels: [channel], runtime, times: { resendMs: 600_000 } });
  await running.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  const completed = { id: "m-1", status: "completed", reason: null } as const;
  const messages = [said("re-m-1", { inReplyTo: "m-1" })];
  const now = new Date().toISOString();
  await fixture.agent(id).commit({ acknowledgements: [completed], messages, now });
  await running.handlers.stop(stop(id), "in-1");
  expect(ended).toMatchObject([{ id: "m-1", failure: told("m-1").text }]);
});

test.for(["by this host, with no lease to show any more", "by the next one, which never leased it"])(
  "senders of open messages of a deleted session are told %s",
  async (by) => {
    const { channel, deleteRows, fake, host, id, running } = await withOpenMessages({ isAlone: false });
    await deleteRows();
    channel.fails = ({ lease }) =>
      lease === undefined ? null : { ok: false, error: { code: "fenced", message: "It is another's." } };
    const stoppingHost = by.startsWith("by this host")
      ? running
      : await host({ isAlone: false, runtime: fake.anotherHost() });
    await stoppingHost.handlers.stop(stop(id), "in-1");
    expect(channel.sent).toMatchObject([told("m-1"), told("m-2")]);
    await stoppingHost.handlers.stop(stop(id), "in-1");
    expect(channel.sent).toHaveLength(2);
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([true, true]);
  },
);

test.for(["while its container starts", "when its host has lost it"])(
  "a session that is deleted while its container starts: senders of open messages are told by a stop that comes %s",
  async (when) => {
    const fixture = await sessionFixture();
    let stopAll = async (): Promise<unknown> => undefined;
    let stopped: Promise<unknown> | null = null;
    const beforeSpawn = async (): Promise<null> => {
      const { id } = await fixture.session();
      await deleteRows(fixture);
      stopAll = () => running.handlers.stop(stop(id), "in-1");
      if (when.startsWith("while")) stopped = stopAll();
      return null;
    };
    const fake = fakeRuntime({ install, beforeSpawn });
    const running = await fixture.host({ runtime: fake.runtime, isAlone: false });
    await running.receive(fromAna("m-1", "hello"));
    // The host learns of the lost lease either before or after the concurrent stop has ended.
    if (when.startsWith("while")) await until(() => expect(stopped).not.toBeNull());
    else await until(() => expect(fixture.happened("lease-lost")).toHaveLength(1));
    await (stopped ?? stopAll());
    expect(fixture.channel.sent).toMatchObject([told("m-1")]);
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
  },
);

test.for<{
  readonly what: string;
  readonly code: "no-such-chat" | "uncertain" | null;
  readonly ids: readonly string[];
}>([
  { what: "was deleted learns", code: "no-such-chat", ids: ["m-1", "m-2"] },
  { what: "may have got the reason does not learn", code: "uncertain", ids: [] },
  { what: "got the reason does not learn", code: null, ids: [] },
])("a chat that $what the end of its messages as well", async ({ code, ids }) => {
  const ended: EndedMessage[] = [];
  const { deleteRows, id, running, channel } = await withOpenMessages();
  await deleteRows();
  channel.fails = () => (code === null ? null : { ok: false, error: { code, message: "It is gone." } });
  Object.assign(channel, { ended: async (message: EndedMessage) => void ended.push(message) });
  await running.handlers.stop(stop(id, "its chat was deleted"), "in-1");
  const failure = told("m-1", "its chat was deleted").text;
  expect(ended).toMatchObject(ids.map((one) => ({ id: one, failure, platformId: "ana" })));
});

test("an agent is told which of its messages the other agent's session left open", async () => {
  const fixture = await talking();
  const { db } = fixture.central;
  await addRow(db, "messaging_group_agents", {
    id: "wi-2",
    messaging_group_id: "mg-2",
    agent_group_id: "ag-2",
  });
  await addRow(db, "agent_destinations", { local_name: "bo", target_type: "agent", target_id: "ag-2" });
  await fixture.running.receive(fromAna("m-2", "family", { platformId: family.platformId }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const ofBo = db.selectFrom("sessions").select("id").where("agent_group_id", "=", "ag-2");
  const { id: other } = await ofBo.executeTakeFirstOrThrow();
  const [ana, bo] = [fixture.agent(fixture.sessionId), fixture.agent(other)];
  await says(ana, said("o-1", toBo));
  const asked = await idOf(bo, "o-1");
  await fixture.running.handlers.stop({ ...stop(other), groupId: "ag-2" }, "in-1");
  const text = `Bo: ${told(asked).text}`;
  await until(async () => expect(await given(ana)).toContain(text));
  expect(fixture.channel.sent).toMatchObject([{ id: "closed-m-2", platformId: "family" }]);
});
