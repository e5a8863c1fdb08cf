import { appendIn } from "@gatehouse/session-rows";
import { hostText } from "@gatehouse/session-rows/messages";
import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import { given, install, said, says, until } from "../session.fixture.ts";
import { family, idOf, talking, toAna, toBo } from "./talking.fixture.ts";

/** A promise, and the function that resolves it. */
const latch = (): { readonly open: () => void; readonly opened: Promise<void> } => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

describe("a message to a chat", () => {
  test("a message that reports a failed turn is marked as failed in the chat", async () => {
    const fixture = await talking();
    const agent = fixture.agent(fixture.sessionId);
    const failed = { inReplyTo: "m-1", content: { text: "no more credit", failed: true } };
    await says(agent, said("failed-m-1", failed), said("re-m-2", { inReplyTo: "m-2" }));
    await until(() => expect(fixture.channel.sent).toHaveLength(2));
    expect(fixture.channel.sent.map(({ failed }) => failed)).toEqual([true, undefined]);
  });

  test("a message whose outcome its channel has written is not written again", async () => {
    const fixture = await talking();
    const { db } = fixture.central;
    const writes: string[] = [];
    const { send } = fixture.channel;
    const sendAndNote: typeof send = async (message) => {
      await db
        .transaction()
        .execute(async (transaction) => message.noteSent?.(transaction, "on the platform"));
      const rows = await db.selectFrom("session_messages_out").select(["id", "status"]).execute();
      writes.push(...rows.map(({ id, status }) => `${id} ${status}`));
      return send(message);
    };
    Object.assign(fixture.channel, { send: sendAndNote });
    await says(fixture.agent(fixture.sessionId), said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(fixture.happened("message-delivered")).toHaveLength(1));
    expect(writes).toEqual(["re-m-1 delivered"]);
    const row = db.selectFrom("session_messages_out").select("platform_message_id");
    // The channel's own answer names another id: it would be written with a second commit.
    expect(await row.executeTakeFirst()).toEqual({ platform_message_id: "on the platform" });
  });

  test("a message to a chat that is no destination is refused, and the agent is told", async () => {
    const fixture = await talking();
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", family));
    await until(() => expect(fixture.happened("message-failed")).toHaveLength(1));
    expect(fixture.channel.sent).toEqual([]);
    await until(async () =>
      expect(await given(agent)).toEqual([
        "hello",
        "Your message was not delivered: family on local is not a destination of this group. It was: o-1",
      ]),
    );
  });

  test("an answer to a message goes to the chat under its new id; any other message to the former id is refused", async () => {
    const fixture = await talking();
    const agent = fixture.agent(fixture.sessionId);
    const former = { channelType: "local", platformId: "ana" };
    await fixture.central.db
      .updateTable("messaging_groups")
      .set({ platform_id: "moved" })
      .where("platform_id", "=", "ana")
      .execute();
    await says(agent, said("o-1", former), said("o-2", { ...former, inReplyTo: "m-1" }));
    await until(() => expect(fixture.channel.sent).toMatchObject([{ id: "o-2", platformId: "moved" }]));
    await until(() => expect(fixture.happened("message-failed")).toMatchObject([{ id: "o-1" }]));
  });

  test("a message to a destination is delivered even if the message before it was refused", async () => {
    const fixture = await talking();
    await addRow(fixture.central.db, "agent_destinations", { local_name: "family", target_id: "mg-2" });
    await says(
      fixture.agent(fixture.sessionId),
      said("o-1", { ...family, platformId: "x" }),
      said("o-2", family),
    );
    await until(() =>
      expect(fixture.channel.sent).toMatchObject([{ id: "o-2", platformId: "family", from: "Ana" }]),
    );
  });

  test("a message to an unreachable chat is tried three times", async () => {
    const fixture = await talking();
    fixture.channel.fails = () => ({
      ok: false,
      error: { code: "not-reachable", message: "The line is down." },
    });
    await says(fixture.agent(fixture.sessionId), said("o-1"));
    await until(() =>
      expect(fixture.happened("message-failed")).toMatchObject([{ reason: "The line is down." }]),
    );
    expect(fixture.channel.calls.get("o-1")).toBe(3);
    fixture.channel.fails = () => null;
    await says(fixture.agent(fixture.sessionId), said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-2"]));
    expect(fixture.channel.calls.get("o-1")).toBe(3);
  });

  test("a message on which the host fails is tried three times, and later messages come", async () => {
    const bugs: unknown[] = [];
    const fixture = await talking({ report: (error) => bugs.push(error) });
    fixture.channel.fails = ({ id }) => {
      if (id === "o-1") throw new TypeError("Not a value for the table");
      return null;
    };
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1"), said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-2"]));
    expect(fixture.channel.calls.get("o-1")).toBe(3);
    expect(bugs).toHaveLength(3);
    const refusal =
      "Your message was not delivered: the host failed on it; its log has the details. It was: o-1";
    await until(async () => expect(await given(agent)).toEqual(["hello", refusal]));
  });

  test("a message is tried for as long as the database can write nothing", async () => {
    const bugs: unknown[] = [];
    const fixture = await talking({ report: (error) => bugs.push(error), times: { sweepMs: 50 } });
    fixture.channel.fails = () => {
      throw Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
    };
    await says(fixture.agent(fixture.sessionId), said("o-1"));
    await until(() => expect(bugs.length).toBeGreaterThan(3));
    fixture.channel.fails = () => null;
    await until(() => expect(fixture.texts()).toEqual(["o-1"]));
  });

  test("a message waits for an earlier message of its chat that is tried again", async () => {
    const fixture = await talking();
    fixture.channel.fails = ({ id }) =>
      id === "o-1" && fixture.channel.calls.get(id) === 1
        ? { ok: false, error: { code: "not-reachable", message: "Not now." } }
        : null;
    await says(fixture.agent(fixture.sessionId), said("o-1"), said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-1", "o-2"]));
  });

  test("a message to a channel that this host does not have fails", async () => {
    const fixture = await talking({ channels: [] });
    await says(fixture.agent(fixture.sessionId), said("o-1"));
    await until(() =>
      expect(fixture.happened("message-failed")).toMatchObject([
        { reason: 'this host has no channel "local".' },
      ]),
    );
    expect(fixture.happened("message-delivered")).toEqual([]);
  });
});

describe("a command of ncl in a container", () => {
  const request = { action: "cli_request", requestId: "r-1", frame: { id: "7", command: "help" } };

  test("a command is answered once, with the session's identity", async () => {
    const asked: unknown[] = [];
    const fixture = await talking({
      answerAgent: async ({ id }, frame) => {
        asked.push([id, frame]);
        return { id: "7", ok: true, data: "done" };
      },
    });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", { kind: "system", content: request }));
    await until(() => expect(fixture.happened("command-answered")).toHaveLength(1));
    await says(agent, said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-2"]));
    expect(asked).toEqual([[fixture.sessionId, request.frame]]);
    const received = await agent.receiveSystem(10);
    expect(received).toMatchObject({
      value: [
        { id: "cli-r-1", content: { type: "cli_response", requestId: "r-1", frame: { data: "done" } } },
      ],
    });
  });

  test("the answer to a command that waits for a person has no id of the approval", async () => {
    const error = { code: "approval-pending", message: "It waits.", approvalId: "ap-1" } as const;
    const fixture = await talking({ answerAgent: async () => ({ id: "7", ok: false, error }) });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", { kind: "system", content: request }));
    await until(() => expect(fixture.happened("command-answered")).toHaveLength(1));
    const received = await agent.receiveSystem(10);
    expect(received).toMatchObject({ value: [{ content: { frame: { error: { message: "It waits." } } } }] });
    expect(JSON.stringify(received)).not.toContain("ap-1");
  });

  test("a command that ends while an earlier message is being sent is not run again", async () => {
    let [asked, sends] = [0, 0];
    const [command, sending] = [latch(), latch()];
    const fixture = await talking({
      answerAgent: async () => {
        asked += 1;
        await command.opened;
        return { id: "7", ok: true, data: "done" };
      },
    });
    const { send } = fixture.channel;
    const slow: typeof send = async (message) => {
      sends += 1;
      if (sends === 1) return { ok: false, error: { code: "not-reachable", message: "Not now." } };
      await sending.opened;
      return send(message);
    };
    Object.assign(fixture.channel, { send: slow });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-0"), said("o-1", { kind: "system", content: request }));
    await until(() => expect([asked, sends]).toEqual([1, 2]));
    command.open();
    await until(() => expect(fixture.happened("command-answered")).toHaveLength(1));
    sending.open();
    await says(agent, said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-0", "o-2"]));
    expect(asked).toBe(1);
  });

  test("a command that had changed nothing when its host stopped is run again and answered", async () => {
    const fake = fakeRuntime({ install });
    let hasBegun = false;
    const fixture = await talking({
      runtime: fake.runtime,
      times: { leaseMs: 600_000 },
      answerAgent: () => {
        hasBegun = true;
        return new Promise(() => undefined);
      },
    });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", { kind: "system", content: request }));
    await until(() => expect(hasBegun).toBe(true));
    const answer = { id: "7", ok: true, data: "read" } as const;
    await fixture.host({ runtime: fake.anotherHost(), answerAgent: async () => answer });
    await until(async () =>
      expect(await agent.receiveSystem(10)).toMatchObject({ value: [{ content: { frame: answer } }] }),
    );
  });

  test("a command that had changed something is answered from its transaction, and not run again", async () => {
    const fake = fakeRuntime({ install });
    const fixture = await talking({
      runtime: fake.runtime,
      times: { leaseMs: 600_000 },
      answerAgent: async (_, __, settle) => {
        await fixture.central.db.transaction().execute((open) => settle(open, { data: "changed" }));
        return new Promise(() => undefined);
      },
    });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", { kind: "system", content: request }));
    const answered = { value: [{ id: "cli-r-1", content: { frame: { ok: true, data: "changed" } } }] };
    await until(async () => expect(await agent.receiveSystem(10)).toMatchObject(answered));
    await fixture.host({ runtime: fake.anotherHost(), answerAgent: async () => expect.fail("it ran again") });
    await says(agent, said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-2"]));
    expect(await agent.receiveSystem(10)).toMatchObject(answered);
  });

  test("a command whose change was rolled back is answered with that outcome", async () => {
    const error = { code: "handler-error", message: "The database is busy." } as const;
    const fixture = await talking({
      answerAgent: async (_, __, settle) => {
        const open = await fixture.central.db.startTransaction().execute();
        await settle(open, { data: "changed" });
        await open.rollback().execute();
        return { id: "7", ok: false, error };
      },
    });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", { kind: "system", content: request }));
    await until(async () =>
      expect(await agent.receiveSystem(10)).toMatchObject({ value: [{ content: { frame: { error } } }] }),
    );
  });

  test("a command whose intent the last host had written is answered with an error, and not run again", async () => {
    const fake = fakeRuntime({ install });
    let hasBegun = false;
    const fixture = await talking({
      runtime: fake.runtime,
      times: { leaseMs: 600_000 },
      answerAgent: async (_, __, settle) => {
        hasBegun = await fixture.central.db.transaction().execute((open) => settle(open, null));
        return new Promise(() => undefined);
      },
    });
    const agent = fixture.agent(fixture.sessionId);
    await says(agent, said("o-1", { kind: "system", content: request }));
    await says(agent, said("o-2"));
    await until(() => expect(fixture.texts()).toEqual(["o-2"]));
    await until(() => expect(hasBegun).toBe(true));
    await fixture.host({ runtime: fake.anotherHost(), answerAgent: async () => expect.fail("it ran again") });
    await until(async () =>
      expect(await agent.receiveSystem(10)).toMatchObject({
        value: [{ id: "cli-r-1", content: { frame: { id: "7", ok: false } } }],
      }),
    );
  });
});

describe("a message between agents", () => {
  test("an answer between agents returns to the session that asked", async () => {
    const fixture = await talking();
    const { db } = fixture.central;
    const bo = { local_name: "bo", target_type: "agent", target_id: "ag-2" };
    await addRow(db, "agent_destinations", bo);
    const ana = fixture.agent(fixture.sessionId);
    await says(ana, said("o-1", toBo));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
    const other = await db
      .selectFrom("sessions")
      .selectAll()
      .where("agent_group_id", "=", "ag-2")
      .executeTakeFirstOrThrow();
    const agent = fixture.agent(other.id);
    const received = await agent.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
    if (!received.ok) expect.fail(received.error.message);
    const [message] = received.value;
    expect(message).toMatchObject({
      content: { text: "o-1", senderName: "Ana" },
      sourceSessionId: fixture.sessionId,
      channelType: "agent",
      platformId: "ag-1",
    });
    // The newer session of the first group must not get the answer.
    await addRow(db, "sessions", {
      id: "se-newer",
      messaging_group_id: "mg-2",
      last_active: "2999-01-01T00:00:00.000Z",
    });
    const inReplyTo = message?.id ?? "";
    await says(agent, said("re-1", { ...toAna, inReplyTo }));
    await until(async () => expect(await given(ana)).toEqual(["hello", "re-1"]));
  });

  test("a message to a group that is no destination is refused", async () => {
    const fixture = await talking();
    await says(fixture.agent(fixture.sessionId), said("o-1", toBo));
    await until(() =>
      expect(fixture.happened("message-failed")).toMatchObject([
        { reason: "ag-2 is not a destination of this group." },
      ]),
    );
  });

  test("a chain of messages between agents stops after 20 without a person's message", async () => {
    const fixture = await talking();
    const agent = fixture.agent(fixture.sessionId);
    let inReplyTo: string | null = null;
    for (let hop = 1; hop <= 20; hop += 1) {
      await says(agent, said(`o-${hop}`, { ...toAna, inReplyTo }));
      inReplyTo = await idOf(agent, `o-${hop}`);
    }
    await says(agent, said("o-21", { ...toAna, inReplyTo }));
    await until(() =>
      expect(fixture.happened("message-failed")).toMatchObject([
        { reason: "20 messages went between agents without a person: a person must write first." },
      ]),
    );
  });
});

test.for([
  { what: "asks for a turn", trigger: true },
  { what: "waits for the next turn", trigger: false },
])(
  "a message that another program wrote to a session and that $what is found by a look",
  async ({ trigger }) => {
    const fixture = await talking();
    const message = hostText({ id: "sm-1", timestamp: new Date().toISOString(), text: "approved", trigger });
    await fixture.central.db
      .transaction()
      .execute((transaction) =>
        appendIn(transaction, { sessionId: fixture.sessionId, owner: "" }, [message]),
      );
    const agent = fixture.agent(fixture.sessionId);
    const isTold = new Promise<void>((resolve) => void agent.onChange(resolve));
    await fixture.running.followApprovals();
    await isTold;
    const received = await agent.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
    expect(received).toMatchObject({
      value: [{ id: "m-1" }, { id: "sm-1", trigger, content: { system: true } }],
    });
  },
);
