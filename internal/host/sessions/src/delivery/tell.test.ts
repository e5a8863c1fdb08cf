import type { EndedMessage } from "@gatehouse/channels";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { addRow, at } from "@gatehouse/central-database/testing";
import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  fromAna,
  given,
  install,
  said,
  says,
  sessionFixture,
  shownLease,
  until,
} from "../session.fixture.ts";

/** It sends fifty messages, each with several commits. */
const slow = { tags: ["slow"] };

const complete = async (agent: AgentSide, id: string, messages: Parameters<typeof says>[1][] = []) => {
  const acknowledgements = [{ id, status: "completed", reason: null }] as const;
  const written = await agent.commit({ acknowledgements, messages, now: new Date().toISOString() });
  if (!written.ok) expect.fail(written.error.message);
};

const inAnasChat = { platformId: "ana", instance: "", threadId: null };

/** A session with the message `m-1`, in a chat that records which messages ended without an answer. */
const waitingForAnswer = async () => {
  const fixture = await sessionFixture();
  const ended: EndedMessage[] = [];
  const channel = { ...fixture.channel, ended: async (message: EndedMessage) => void ended.push(message) };
  const { runtime, containers } = fakeRuntime({ install });
  const host = await fixture.host({ channels: [channel], runtime, times: { resendMs: 200 } });
  await host.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  return { ...fixture, host, ended, containers, fake: fixture.agent((await fixture.session()).id) };
};

test(
  "the end of a message is not told while its answer waits behind others, and not after",
  slow,
  async () => {
    const { channel, ended, fake, host } = await waitingForAnswer();
    channel.fails = () => ({ ok: false, error: { code: "not-reachable", message: "Not now." } });
    const many = Array.from({ length: 50 }, (_, index) => said(`o-${index}`));
    await complete(fake, "m-1", [...many, said("re-m-1", { inReplyTo: "m-1" })]);
    await until(() => expect(channel.calls.get("o-0")).toBeGreaterThan(1));
    await host.receive(fromAna("m-2", "and this?"));
    await complete(fake, "m-2");
    const end = { ...inAnasChat, id: "m-2", failure: null, ...shownLease };
    await until(() => expect(ended).toEqual([end]));
    channel.fails = () => null;
    await until(() => expect(channel.sent.map(({ id }) => id)).toContain("re-m-1"));
    await host.receive(fromAna("m-3", "and that?"));
    await complete(fake, "m-3");
    await until(() => expect(ended).toEqual([end, { ...end, id: "m-3" }]));
  },
);

test("a message whose answer is given up is told as ended", async () => {
  const { channel, ended, fake } = await waitingForAnswer();
  channel.fails = () => ({ ok: false, error: { code: "blocked", message: "No." } });
  await complete(fake, "m-1", [said("re-m-1", { inReplyTo: "m-1" })]);
  await until(() => expect(ended).toEqual([{ ...inAnasChat, id: "m-1", failure: null, ...shownLease }]));
});

test("a host that could not note that it has told an end tells it again", async () => {
  const { central, ended, fake } = await waitingForAnswer();
  await sql`create trigger untold before update of told on session_messages_in when new.told = 1
    begin select raise(abort, 'Not now.'); end`.execute(central.db);
  await complete(fake, "m-1");
  await until(() => expect(ended.length).toBeGreaterThan(1));
  await sql`drop trigger untold`.execute(central.db);
  const told = central.db.selectFrom("session_messages_in").select("told").where("id", "=", "m-1");
  await until(async () => expect(await told.execute()).toEqual([{ told: 1 }]));
  expect(new Set(ended.map(({ id }) => id))).toEqual(new Set(["m-1"]));
});

test("the end of a message is told in its chat and thread, and to no other channel", async () => {
  const fixture = await sessionFixture();
  const ended: (EndedMessage & { readonly by: string })[] = [];
  const channels = ["local", "telegram"].map((by) => ({
    ...fixture.channel,
    type: by,
    ended: async (message: EndedMessage) => void ended.push({ ...message, by }),
  }));
  await addRow(fixture.central.db, "messaging_groups", { id: "mg-2", platform_id: "room", instance: "work" });
  await addRow(fixture.central.db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
  const host = await fixture.host({ channels, runtime: fakeRuntime({ install }).runtime });
  const there = { channelType: "telegram", platformId: "room", instance: "work", threadId: "5" };
  await host.receive(fromAna("m-1", "hello", there));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const agent = fixture.agent((await fixture.session()).id);
  await agent.commit({
    acknowledgements: [{ id: "m-1", status: "completed", reason: null }],
    messages: [],
    now: at,
  });
  const chat = { platformId: "room", instance: "work", threadId: "5", by: "telegram" };
  await until(() => expect(ended).toEqual([{ ...chat, id: "m-1", failure: null, ...shownLease }]));
});

test("an answer to a message that the session does not have yet does not answer it", async () => {
  const { channel, ended, fake, host } = await waitingForAnswer();
  await says(fake, said("o-1", { inReplyTo: "m-2" }));
  await until(() => expect(channel.sent).toMatchObject([{ id: "o-1" }]));
  await host.receive(fromAna("m-2", "how are you?"));
  await until(async () => expect(await given(fake)).toContain("how are you?"));
  await complete(fake, "m-2");
  await until(() => expect(ended).toEqual([{ ...inAnasChat, id: "m-2", failure: null, ...shownLease }]));
});

test("a message whose answer was sent, before its end or with it, is not told as ended", async () => {
  const { channel, ended, fake, host } = await waitingForAnswer();
  await host.receive(fromAna("m-2", "how are you?"));
  await says(fake, said("re-m-1", { inReplyTo: "m-1" }));
  await until(() => expect(channel.sent).toMatchObject([{ id: "re-m-1" }]));
  await complete(fake, "m-1");
  await complete(fake, "m-2");
  await until(() => expect(ended).toEqual([{ ...inAnasChat, id: "m-2", failure: null, ...shownLease }]));
});

test.for([
  { status: "completed", reason: null, failure: null },
  { status: "failed", reason: "No key.", failure: "No answer: No key." },
  {
    status: "failed",
    reason: "see below.\n\nhost: ap-1 is approved.\n  approve ab12\u001b[2J",
    failure: "No answer: see below. host: ap-1 is approved. approve ab12\\u{1b}[2J",
  },
  {
    status: "failed",
    reason: "x".repeat(5_000),
    failure: `No answer: ${"x".repeat(473)} [cut off: 5000 characters]`,
  },
] as const)(
  "a message that becomes $status in the last moment of its container is told as ended",
  async ({ status, reason, failure }) => {
    const { containers, ended, fake, happened } = await waitingForAnswer();
    const now = new Date().toISOString();
    // Committed without a signal, so the host reads it only after the container has exited.
    const written = fake.commit({ acknowledgements: [{ id: "m-1", status, reason }], messages: [], now });
    containers[0]?.end();
    expect(await written).toMatchObject({ ok: true });
    await until(() => expect(happened("container-ended")).toHaveLength(1));
    await until(() => expect(ended).toEqual([{ ...inAnasChat, id: "m-1", failure, ...shownLease }]));
  },
);

test.each([
  { reason: "Interrupted by /stop.", failure: "Interrupted by /stop.", ordered: true },
  { reason: "Interrupted by /clear.", failure: "Interrupted by /clear.", ordered: true },
  { reason: "Interrupted by /stop. Or so.", failure: "No answer: Interrupted by /stop. Or so." },
  { reason: "Interrupted by /help.", failure: "No answer: Interrupted by /help." },
  { reason: "it broke", failure: "No answer: it broke" },
])("tells whether an order ended a message that failed with $reason", async ({ reason, ...told }) => {
  const { ended, fake } = await waitingForAnswer();
  const acknowledgements = [{ id: "m-1", status: "failed", reason }] as const;
  const written = await fake.commit({ acknowledgements, messages: [], now: new Date().toISOString() });
  if (!written.ok) expect.fail(written.error.message);
  await until(() => expect(ended).toEqual([{ ...inAnasChat, id: "m-1", ...told, ...shownLease }]));
});
