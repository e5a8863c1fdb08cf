import type { EndedMessage } from "@gatehouse/channels";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentEnd } from "@nc/session-db";
import { expect, test } from "vitest";
import {
  fromAna,
  given,
  install,
  said,
  says,
  sessionBed,
  shownLease,
  until,
} from "../session-bed.fixture.ts";

/** Fifty messages are sent, each with commits of its own. */
const slow = { tags: ["slow"], timeout: 60_000 };

const complete = async (agent: AgentEnd, id: string, messages: Parameters<typeof says>[1][] = []) => {
  const acknowledgements = [{ id, status: "completed", reason: null }] as const;
  const written = await agent.commit({ acknowledgements, messages, now: new Date().toISOString() });
  if (!written.ok) expect.fail(written.error.message);
};

/** A session that has the message `m-1`, in a chat that notes which messages have ended without an answer. */
const waitingForAnswer = async () => {
  const bed = await sessionBed();
  const ended: EndedMessage[] = [];
  const channel = { ...bed.channel, ended: async (message: EndedMessage) => void ended.push(message) };
  const { runtime, containers } = fakeRuntime({ install });
  const host = await bed.host({ channels: [channel], runtime, times: { resendMs: 200 } });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  return { ...bed, host, ended, containers, fake: bed.agent((await bed.session()).id) };
};

test(
  "the end of a message is told late where its answer may be among many that cannot be sent yet",
  slow,
  async () => {
    const { channel, ended, fake } = await waitingForAnswer();
    channel.fails = () => ({ ok: false, error: { code: "not-reachable", message: "Not now." } });
    const many = Array.from({ length: 50 }, (_, index) => said(`o-${index}`));
    await complete(fake, "m-1", many);
    await until(() => expect(channel.calls.get("o-0")).toBeGreaterThan(1));
    expect(ended).toEqual([]);
    channel.fails = () => null;
    await until(() => expect(channel.sent.length).toBeGreaterThan(48));
    await until(() => expect(ended).toEqual([{ id: "m-1", failure: null, ...shownLease }]));
  },
);

test("an answer to a message before the session has it is no answer to that message", async () => {
  const { channel, ended, fake, host } = await waitingForAnswer();
  await says(fake, said("o-1", { inReplyTo: "m-2" }));
  await until(() => expect(channel.sent).toMatchObject([{ id: "o-1" }]));
  await host.take(fromAna("m-2", "how are you?"));
  await until(async () => expect(await given(fake)).toContain("how are you?"));
  await complete(fake, "m-2");
  await until(() => expect(ended).toEqual([{ id: "m-2", failure: null, ...shownLease }]));
});

test("an answered message is not told as ended, and neither is one whose answer was sent before its end", async () => {
  const { channel, ended, fake, host } = await waitingForAnswer();
  await host.take(fromAna("m-2", "how are you?"));
  await says(fake, said("re-m-1", { inReplyTo: "m-1" }));
  await until(() => expect(channel.sent).toMatchObject([{ id: "re-m-1" }]));
  await complete(fake, "m-1");
  await complete(fake, "m-2");
  await until(() => expect(ended).toEqual([{ id: "m-2", failure: null, ...shownLease }]));
});

test.for([
  { status: "completed", reason: null, failure: null },
  { status: "failed", reason: "No key.", failure: "The agent failed: No key." },
] as const)(
  "a message that ends as $status in the last moment of its container is told as ended",
  async ({ status, reason, failure }) => {
    const { containers, ended, fake, happened } = await waitingForAnswer();
    const now = new Date().toISOString();
    // Committed within the call: nobody reads it before the end of the container.
    const written = fake.commit({ acknowledgements: [{ id: "m-1", status, reason }], messages: [], now });
    containers[0]?.end();
    expect(await written).toMatchObject({ ok: true });
    await until(() => expect(happened("container-ended")).toHaveLength(1));
    await until(() => expect(ended).toEqual([{ id: "m-1", failure, ...shownLease }]));
  },
);
