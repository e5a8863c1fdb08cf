import type { ToChat } from "@gatehouse/channels";
import { addRow } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { fromAna, given, said, says, sessionFixture, until, type HostOptions } from "../session.fixture.ts";
import { faultyRows } from "../faulty-rows.fixture.ts";
import { chatMessageId } from "./chat-messages.ts";
import { family, talking, toBo } from "./talking.fixture.ts";

const away = { ok: false, error: { code: "not-reachable", message: "Not now." } } as const;

/** A session with a running container, and the faults of its host's database. */
const faulty = async (over: HostOptions = {}) => {
  const before = await sessionFixture();
  const { seen, rows } = faultyRows(before.central.loop);
  return { seen, fixture: await talking({ central: { ...before.central, loop: rows }, ...over }, before) };
};

test("two simultaneous passes over a session send a message once", async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const asked: ToChat[] = [];
  const fixture = await talking({ times: { sweepMs: 20 } });
  const send = fixture.channel.send;
  Object.assign(fixture.channel, {
    send: async (message: ToChat) => {
      asked.push(message);
      await gate;
      return send(message);
    },
  });
  const agent = fixture.agent(fixture.sessionId);
  await says(agent, said("o-1"));
  await until(() => expect(asked).toHaveLength(1));
  // Each message requests a pass of its own, and the sweep does so all the time.
  await Promise.all(["m-2", "m-3", "m-4"].map((id) => fixture.running.receive(fromAna(id, id))));
  await says(agent, said("o-2"));
  open();
  await until(() => expect(fixture.texts()).toEqual(["o-1", "o-2"]));
  expect(asked.map(({ id }) => id)).toEqual(["o-1", "o-2"].map((id) => chatMessageId(fixture.sessionId, id)));
});

test("a sent message whose status could not be written is not sent again", async () => {
  const { seen, fixture } = await faulty();
  const send = fixture.channel.send;
  let readsBefore = Infinity;
  Object.assign(fixture.channel, {
    send: async (message: ToChat) => {
      if (readsBefore === Infinity) {
        seen.refuses = ({ kind, text }) =>
          kind === "UpdateQueryNode" && text.includes("session_messages_out");
        readsBefore = seen.reads;
      }
      return send(message);
    },
  });
  await says(fixture.agent(fixture.sessionId), said("o-1"));
  // The host has read the message again, because the first try to write its status failed.
  await until(() => expect(seen.reads).toBeGreaterThan(readsBefore));
  seen.refuses = () => false;
  await says(fixture.agent(fixture.sessionId), said("o-2"));
  await until(() => expect(fixture.texts()).toEqual(["o-1", "o-2"]));
  expect([...fixture.channel.calls]).toEqual([
    ["o-1", 1],
    ["o-2", 1],
  ]);
});

test("a message that is sent on its third try leaves three tries to the next message", async () => {
  const fixture = await talking();
  fixture.channel.fails = ({ id }) => ((fixture.channel.calls.get(id) ?? 0) < 3 ? away : null);
  await says(fixture.agent(fixture.sessionId), said("o-1"), said("o-2"));
  await until(() => expect(fixture.texts()).toEqual(["o-1", "o-2"]));
  expect([...fixture.channel.calls.values()]).toEqual([3, 3]);
  expect(fixture.happened("message-failed")).toEqual([]);
});

test("a chat that says when it takes messages again gets them then, however often it says so", async () => {
  const fixture = await talking();
  const wait = { ok: false, error: { ...away.error, retryAfterMs: 5 } } as const;
  fixture.channel.fails = ({ id }) => ((fixture.channel.calls.get(id) ?? 0) < 8 ? wait : null);
  await says(fixture.agent(fixture.sessionId), said("o-1"));
  await until(() => expect(fixture.texts()).toEqual(["o-1"]));
  expect([...fixture.channel.calls.values()]).toEqual([8]);
  expect(fixture.happened("message-failed")).toEqual([]);
});

test.for([
  {
    code: "uncertain",
    event: "message-uncertain",
    says: "may not have arrived, and is not sent again: Odd.",
  },
  { code: "blocked", event: "message-failed", says: "was not delivered: Odd." },
] as const)(
  "a send that is $code ends at once, and its agent is told",
  async ({ code, event, says: text }) => {
    const fixture = await talking();
    fixture.channel.fails = () => ({ ok: false, error: { code, message: "Odd." } });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1"));
    await until(() => expect(fixture.happened(event)).toMatchObject([{ id: "o-1", reason: "Odd." }]));
    await until(async () => expect(JSON.stringify(await given(agent))).toContain(`Your message ${text}`));
    expect([...fixture.channel.calls.values()]).toEqual([1]);
  },
);

test("60 messages that wait for their chat delay neither another chat nor a command of ncl", async () => {
  const asked: string[] = [];
  const fixture = await talking({
    times: { resendMs: 600_000 },
    answerAgent: async ({ id }) => {
      asked.push(id);
      return { id: "1", ok: true, data: "done" };
    },
  });
  await addRow(fixture.central.db, "agent_destinations", { local_name: "family", target_id: "mg-2" });
  fixture.channel.fails = ({ platformId }) => (platformId === "ana" ? away : null);
  const content = { action: "cli_request", requestId: "r-1", frame: { id: "1", command: "help" } };
  await says(
    fixture.agent(fixture.sessionId),
    ...Array.from({ length: 60 }, (_, index) => said(`o-${index}`)),
    said("o-family", family),
    said("o-ncl", { kind: "system", content }),
  );
  await until(() => expect(fixture.texts()).toEqual(["o-family"]));
  await until(() => expect(asked).toEqual([fixture.sessionId]));
  expect(fixture.channel.calls.get("o-0")).toBe(1);
  expect(fixture.channel.calls.has("o-1")).toBe(false);
});

test("messages that are too long for one read are all sent, in their order", async () => {
  const fixture = await talking();
  const texts = Array.from({ length: 12 }, (_, index) => `${index} ${"x".repeat(200_000)}`);
  await says(
    fixture.agent(fixture.sessionId),
    ...texts.map((text, index) => said(`o-${index}`, { content: { text } })),
  );
  await until(() => expect(fixture.texts()).toHaveLength(texts.length));
  expect(fixture.texts()).toEqual(texts);
});

test("a command whose answer cannot be written is not run again, and is answered later", async () => {
  let asked = 0;
  let fail = (): void => {};
  const { seen, fixture } = await faulty({
    answerAgent: async () => {
      asked += 1;
      fail();
      return { id: "1", ok: true, data: "done" };
    },
  });
  fail = () =>
    (seen.refuses = ({ kind, text }) => kind === "InsertQueryNode" && text.includes("session_messages_in"));
  const agent = fixture.agent(fixture.sessionId);
  const content = { action: "cli_request", requestId: "r-1", frame: { id: "1", command: "help" } };
  await says(agent, said("o-1", { kind: "system", content }));
  await until(() => expect(fixture.happened("session-unread")).toHaveLength(1));
  seen.refuses = () => false;
  await until(async () =>
    expect(await agent.receiveSystem(10)).toMatchObject({
      value: [{ id: "cli-r-1", content: { frame: { data: "done" } } }],
    }),
  );
  expect(asked).toBe(1);
});

test("a session that cannot be written delays no message for other sessions", async () => {
  const { seen, fixture } = await faulty();
  const { db } = fixture.central;
  const broken = { agent_group_id: "ag-2", messaging_group_id: "mg-2" };
  await addRow(db, "sessions", { id: "se-broken", ...broken });
  seen.refuses = ({ kind, text }) =>
    kind !== "SelectQueryNode" && text.includes("session_transport") && text.includes("se-broken");
  await addRow(db, "agent_destinations", { local_name: "bo", target_type: "agent", target_id: "ag-2" });
  const agent = fixture.agent(fixture.sessionId);
  await says(agent, said("o-1", toBo), said("o-2"));
  await until(() => expect(fixture.texts()).toEqual(["o-2"]));
  await until(() => expect(fixture.happened("message-failed")).toMatchObject([{ id: "o-1" }]));
});

test("two bots in one chat have an agent each, whose messages are sent through its own bot", async () => {
  const fixture = await talking();
  const { db } = fixture.central;
  for (const [id, platform_id, instance] of [
    ["mg-a", "team", "bot-a"],
    ["mg-b", "team", "bot-b"],
    ["mg-family-b", "family", "bot-b"],
  ] as const)
    await addRow(db, "messaging_groups", { id, platform_id, instance, channel_type: "local" });
  await addRow(db, "messaging_group_agents", { id: "wi-a", messaging_group_id: "mg-a" });
  const ofBo = { messaging_group_id: "mg-b", agent_group_id: "ag-2" };
  await addRow(db, "messaging_group_agents", { id: "wi-b", ...ofBo });
  await addRow(db, "agent_destinations", {
    agent_group_id: "ag-2",
    local_name: "family",
    target_id: "mg-2",
  });
  await fixture.running.receive(fromAna("m-b", "to b", { platformId: "team", instance: "bot-b" }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const sessions = await db.selectFrom("sessions").selectAll().orderBy("created_at").execute();
  const ofB = sessions.filter(({ id }) => id !== fixture.sessionId);
  expect(ofB).toMatchObject([{ agent_group_id: "ag-2", messaging_group_id: "mg-b" }]);
  await says(fixture.agent(ofB[0]?.id ?? ""), said("o-1"), said("o-2", family));
  await until(() =>
    expect(fixture.channel.sent).toMatchObject([
      { id: "o-1", platformId: "team", instance: "bot-b" },
      { id: "o-2", platformId: "family", instance: "bot-b" },
    ]),
  );
  await says(fixture.agent(fixture.sessionId), said("o-3"));
  await until(() => expect(fixture.channel.sent.at(-1)).toMatchObject({ id: "o-3", instance: "" }));
});
