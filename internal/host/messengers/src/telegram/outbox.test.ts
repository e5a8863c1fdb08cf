import { addRow } from "@gatehouse/central-database/testing";
import type { Card } from "@gatehouse/std";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { telegramFixture, toOwner, type TelegramFixture } from "./telegram.fixture.ts";

/** A started channel whose person has written once. */
const talking = async (): Promise<
  TelegramFixture &
    Awaited<ReturnType<TelegramFixture["started"]>> & {
      readonly shown: () => readonly (string | undefined)[];
    }
> => {
  const fixture = await telegramFixture();
  const begun = await fixture.started();
  fixture.api.say({ text: "hello" });
  await eventually(() => expect(begun.received).toHaveLength(1));
  const shown = () => fixture.api.seen().flatMap(({ from, plain }) => (from.is_bot ? [plain] : []));
  return { ...fixture, ...begun, shown };
};

test.for([
  { what: "without a failure", ended: { failure: null }, says: [] },
  { what: "by an order", ended: { failure: "Interrupted by /stop.", ordered: true }, says: [] },
  { what: "by a failure", ended: { failure: "It\nbroke." }, says: ["Gatehouse: It broke."] },
] as const)("the end of a person's message $what shows: $says", async ({ ended, says }) => {
  const { channel, received, shown } = await talking();
  const [{ id = "" } = {}] = received;
  const chat = { platformId: "telegram:7", instance: "", threadId: null };
  await channel.ended({ ...chat, id, ...ended });
  expect(shown()).toEqual(says);
});

describe("a message to a chat", () => {
  test("whose answer is lost is uncertain: named in the log, and never sent again", async () => {
    const { api, channel, logged, open, shown } = await talking();
    api.fault({ method: "sendMessage", kind: "drop-after" });
    const uncertain = { ok: false, error: { code: "uncertain" } };
    expect(await channel.send(toOwner())).toMatchObject(uncertain);
    expect(await channel.send(toOwner())).toMatchObject(uncertain);
    await channel.close();
    const next = open();
    await next.start(async () => {});
    onTestFinished(() => next.close());
    expect(await next.send(toOwner())).toMatchObject(uncertain);
    expect(shown()).toEqual(["pong"]);
    expect(logged.filter(({ event }) => event === "part-uncertain")).toMatchObject([
      { fields: { id: "re-1", part: 0, chat: "telegram:7" } },
    ]);
    expect(await next.send(toOwner({ id: "re-2" }))).toMatchObject({ ok: true });
  });

  test("that a killed host was sending is uncertain", async () => {
    const { api, channel, central, shown } = await talking();
    api.fault({ method: "sendMessage", kind: "drop-before" });
    await channel.send(toOwner());
    // The state that a kill leaves between the call and its outcome.
    await central.db.updateTable("messenger_sends").set({ state: "sending" }).execute();
    expect(await channel.send(toOwner())).toMatchObject({
      error: { code: "uncertain", message: "The host ended while it sent it." },
    });
    expect(shown()).toEqual([]);
  });

  test("that another host of the database sends just now waits for its end, and is uncertain after that", async () => {
    const { central, open, shown } = await talking();
    const channel = open({ isShared: true });
    await channel.start(async () => {});
    onTestFinished(() => channel.close());
    const now = new Date().toISOString();
    const content = JSON.stringify({ type: "text", html: "pong", plain: "pong" });
    const sending = { message_id: "re-1", chat: "telegram:7", state: "sending", content } as const;
    await addRow(central.db, "messenger_sends", { ...sending, platform_message_id: null, at: now });
    const waits = await channel.send(toOwner());
    expect(waits).toMatchObject({ ok: false, error: { code: "not-reachable" } });
    expect(waits.ok ? 0 : waits.error.retryAfterMs).toBeGreaterThan(1_000);
    await central.db.updateTable("messenger_sends").set({ at: "2026-01-01T00:00:00.000Z" }).execute();
    expect(await channel.send(toOwner())).toMatchObject({ ok: false, error: { code: "uncertain" } });
    expect(shown()).toEqual([]);
  });

  test("waits as long as Telegram asks for, and other chats do not wait", async () => {
    const { api, channel, shown } = await talking();
    api.say({ text: "hi", chat: 8 });
    api.fault({ method: "sendMessage", kind: "error", retryAfter: 1 });
    const wait = { ok: false, error: { code: "not-reachable" } };
    expect(await channel.send(toOwner())).toMatchObject({ ...wait, error: { retryAfterMs: 1000 } });
    const calls = api.calls("sendMessage").length;
    expect(await channel.send(toOwner({ id: "re-2" }))).toMatchObject(wait);
    expect(api.calls("sendMessage")).toHaveLength(calls);
    expect(await channel.send(toOwner({ id: "re-3", platformId: "telegram:8" }))).toMatchObject({ ok: true });
    await eventually(async () => expect(await channel.send(toOwner())).toMatchObject({ ok: true }));
    expect(shown()).toEqual(["pong"]);
  });

  test("waits no longer if the clock is set back meanwhile", async () => {
    const { api, channel } = await talking();
    api.fault({ method: "sendMessage", kind: "error", retryAfter: 1 });
    expect(await channel.send(toOwner())).toMatchObject({ error: { retryAfterMs: 1000 } });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 10_800_000 });
    onTestFinished(() => void vi.useRealTimers());
    await eventually(async () => expect(await channel.send(toOwner())).toMatchObject({ ok: true }));
  });

  test("is tried again while Telegram cannot be reached", async () => {
    const { api, channel } = await talking();
    await api.close();
    // On the open connection the first one may have left.
    await channel.send(toOwner({ id: "re-0" }));
    for (let tries = 1; tries <= 5; tries += 1)
      await eventually(async () => {
        const sent = await channel.send(toOwner());
        expect(sent).toMatchObject({ ok: false, error: { code: "not-reachable" } });
        expect(sent.ok ? 0 : sent.error.retryAfterMs).toBeGreaterThan(0);
      });
  });

  test("that hangs delays no other chat", async () => {
    const { api, channel } = await talking();
    api.say({ text: "hi", chat: 8 });
    api.fault({ method: "sendMessage", kind: "hang" });
    const hanging = channel.send(toOwner());
    await eventually(() => expect(api.calls("sendMessage")).toHaveLength(1));
    expect(await channel.send(toOwner({ id: "re-2", platformId: "telegram:8" }))).toMatchObject({ ok: true });
    await channel.close();
    expect(await hanging).toMatchObject({ ok: false, error: { code: "uncertain" } });
  });

  test("is sent as plain text where Telegram refuses its HTML", async () => {
    const { api, channel, shown } = await talking();
    const description = "Bad Request: can't parse entities: odd";
    api.fault({ method: "sendMessage", kind: "error", code: 400, description });
    expect(await channel.send(toOwner({ text: "**a** < b" }))).toMatchObject({ ok: true });
    expect(shown()).toEqual(["a < b"]);
  });

  test("of any length is split; after an uncertain part no other is sent", async () => {
    const { api, channel, shown } = await talking();
    const text = Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(" ");
    expect(await channel.send(toOwner({ text }))).toMatchObject({ ok: true });
    expect(shown().join(" ").split(/\s+/)).toEqual(text.split(" "));
    const parts = shown().length;
    api.fault({ method: "sendMessage", kind: "drop-after" });
    const cut = await channel.send(toOwner({ id: "re-2", text }));
    expect(cut).toMatchObject({ error: { code: "uncertain" } });
    expect(cut.ok ? "" : cut.error.message).toContain(
      `It is part 1 of ${parts}. The parts after it were not sent.`,
    );
    expect(shown()).toHaveLength(parts + 1);
  });

  test.each(["message thread not found", "TOPIC_CLOSED"])(
    "to a topic that is gone is sent to the group: %s",
    async (words) => {
      const { api, channel } = await talking();
      api.say({ text: "hi @gate_bot", chat: -100, from: 7, topic: 5 });
      const description = `Bad Request: ${words}`;
      api.fault({ method: "sendMessage", kind: "error", code: 400, description });
      const toTopic = toOwner({ platformId: "telegram:-100", threadId: "5" });
      expect(await channel.send(toTopic)).toMatchObject({ ok: true });
      const threads = api.calls("sendMessage").map(({ payload }) => payload["message_thread_id"]);
      expect(threads).toEqual([5, undefined]);
    },
  );

  test("to a group where the bot may not write is refused, and the owners are told once", async () => {
    const { api, channel, logged, central } = await talking();
    const description = "Bad Request: not enough rights to send text messages to the chat";
    for (const id of ["re-1", "re-2"]) {
      api.fault({ method: "sendMessage", kind: "error", code: 400, description });
      const sent = await channel.send(toOwner({ id, platformId: "telegram:-100" }));
      expect(sent).toMatchObject({ ok: false, error: { code: "refused" } });
    }
    expect(logged.filter(({ event }) => event === "chat-muted")).toHaveLength(2);
    expect(await central.db.selectFrom("owner_notices").select("text").execute()).toEqual([
      { text: expect.stringContaining("the bot may not write there") as unknown },
    ]);
  });

  test("in a group is a reply to the message that it answers, in its topic", async () => {
    const { api, channel, received } = await talking();
    const asked = api.say({ text: "hi @gate_bot", chat: -100, from: 7, topic: 5 });
    await eventually(() => expect(received).toHaveLength(2));
    const group = { platformId: "telegram:-100", threadId: "5", inReplyTo: received[1]?.id ?? "" };
    await channel.send(toOwner(group));
    expect(api.calls("sendMessage").at(-1)?.payload).toMatchObject({
      message_thread_id: 5,
      reply_parameters: { message_id: asked },
    });
  });

  test("goes to the supergroup that its group has become, and the group's rows go along", async () => {
    const { api, channel, central, received } = await talking();
    api.say({ text: "hi", chat: -100, from: 7 });
    await eventually(() => expect(received).toHaveLength(2));
    await addRow(central.db, "messaging_groups", { id: "mg-1", platform_id: "telegram:-100", is_group: 1 });
    api.fault({ method: "getUpdates", kind: "error", code: 502, description: "later", times: 2 });
    api.migrate(-100, -200);
    const moved = await channel.send(toOwner({ platformId: "telegram:-100" }));
    expect(moved).toMatchObject({ ok: true });
    const chats = () => central.db.selectFrom("messaging_groups").select("platform_id").execute();
    expect(await chats()).toEqual([{ platform_id: "telegram:-200" }]);
    expect(await channel.send(toOwner({ platformId: "telegram:-200" }))).toMatchObject({ ok: true });
    expect(api.seen(-200).at(-1)?.plain).toBe("pong");
    api.say({ text: "there", chat: -200, from: 7 });
    await eventually(() => expect(received.at(-1)?.text).toBe("there"));
    expect(await chats()).toEqual([{ platform_id: "telegram:-200" }]);
  });

  test("to a group whose supergroup has a row of its own go there, and no row that is in use gives way", async () => {
    const { api, channel, central, received } = await talking();
    api.say({ text: "hi", chat: -100, from: 7 });
    await eventually(() => expect(received).toHaveLength(2));
    for (const [id, platform_id] of [
      ["mg-1", "telegram:-100"],
      ["mg-2", "telegram:-200"],
    ] as const)
      await addRow(central.db, "messaging_groups", { id, platform_id, is_group: 1 });
    await addRow(central.db, "messaging_group_agents", {
      messaging_group_id: "mg-2",
      agent_group_id: "ag-1",
    });
    api.migrate(-100, -200);
    expect(await channel.send(toOwner({ platformId: "telegram:-100" }))).toMatchObject({ ok: true });
    expect(api.seen(-200).at(-1)?.plain).toBe("pong");
    const chats = central.db.selectFrom("messaging_groups").select(["id", "platform_id"]).orderBy("id");
    expect(await chats.execute()).toEqual([
      { id: "mg-1", platform_id: "telegram:-100" },
      { id: "mg-2", platform_id: "telegram:-200" },
    ]);
  });

  test("of the host has its mark, which no agent can write", async () => {
    const { api, channel } = await talking();
    const tries = [
      "<b><u>Gatehouse</u></b>: done",
      "**G\u0332a\u0332t\u0332e\u0332house**",
      "<u>Gatehouse</u>",
    ];
    for (const [index, text] of tries.entries()) await channel.send(toOwner({ id: `re-${index}`, text }));
    const marked = () => api.seen().filter(({ text }) => /<u>|\u0332/.test(text ?? ""));
    expect(marked()).toEqual([]);
    await channel.send(toOwner({ id: "h-1", from: null, text: "A line\nof the <host>." }));
    expect(marked().map(({ text }) => text)).toEqual([
      "<b><u>Gatehouse</u></b>: A line of the &lt;host&gt;.",
    ]);
  });
});

const card: Card = {
  id: "ap-0198f6c1-9f43-7d2e-8a11-3b5c7d9e1f20",
  title: "Ana asks",
  lines: ["> <b>x</b>"],
  options: [
    { id: "approve", label: "Allow once", command: "ncl approvals approve ap-1" },
    {
      id: "answer",
      label: "Answer in your own words",
      command: "ncl approvals answer ap-1",
      words: "required",
    },
  ],
  digest: "0123456789abcdef",
};

describe("a card", () => {
  const shownCard = async () => {
    const fixture = await talking();
    const id = `card-${card.id}-telegram:7`;
    const sent = await fixture.channel.send(toOwner({ id, from: null, text: card.title, card }));
    const message = Number(sent.ok ? sent.value.platformMessageId : NaN);
    const close = (text = "Approved by ada: ap-1.") =>
      fixture.channel.send(toOwner({ id: `closed-${id}`, from: null, text, inReplyTo: id }));
    const now = () => fixture.api.seen().find((one) => one.message_id === message);
    return { ...fixture, id, message, close, now };
  };

  test("has a button for each option, with at most 64 bytes", async () => {
    const { now } = await shownCard();
    const buttons = now()?.reply_markup?.inline_keyboard?.flat() ?? [];
    expect(buttons).toEqual([
      { text: "Allow once", callback_data: `${card.id}:0` },
      { text: "Answer in your own words", callback_data: `${card.id}:1` },
    ]);
    expect(now()?.text).toContain("<blockquote>&gt; &lt;b&gt;x&lt;/b&gt;</blockquote>");
  });

  test("has short words on its buttons, and says in its text what they mean", async () => {
    const { api, channel } = await talking();
    const always = { id: "always", label: "Always allow exactly this in this group", button: "Always this" };
    const reject = {
      id: "reject",
      label: "Reject; the agent reads what you write after it",
      button: "Reject",
    };
    const options: Card["options"] = [
      { id: "approve", label: "Allow once", command: "ncl approvals approve ap-1" },
      { ...always, command: "ncl approvals approve ap-1 --always" },
      { ...reject, words: "optional", command: "ncl approvals reject ap-1" },
    ];
    await channel.send(toOwner({ id: "card-4", from: null, text: card.title, card: { ...card, options } }));
    const shown = api.seen().at(-1);
    const buttons = shown?.reply_markup?.inline_keyboard?.flat() ?? [];
    expect(buttons.map(({ text }) => text)).toEqual(["Allow once", "Always this", "Reject"]);
    expect(shown?.text?.split("\n").slice(-2)).toEqual([
      "Always this: Always allow exactly this in this group",
      "Reply to this message with words: Reject; the agent reads what you write after it",
    ]);
  });

  test("marks each row of an agent's text, and no line of the host", async () => {
    const { api, channel } = await talking();
    const lines = ["command, 2 lines:", "> one", "> two", 'cwd: "/shop"'];
    const shown = { ...card, lines };
    await channel.send(toOwner({ id: "card-2", from: null, text: card.title, card: shown }));
    expect(api.seen().at(-1)?.text).toContain(
      "\ncommand, 2 lines:\n<blockquote>&gt; one\n&gt; two</blockquote>\ncwd: &quot;/shop&quot;\n",
    );
  });

  test("that is long has the host's mark on each of its messages", async () => {
    const { api, channel } = await talking();
    const lines = Array.from({ length: 40 }, (_, at) => `> ${at} ${"x".repeat(150)}`);
    await channel.send(toOwner({ id: "card-3", from: null, text: card.title, card: { ...card, lines } }));
    const texts = api.seen().flatMap(({ from, text }) => (from.is_bot ? [text ?? ""] : []));
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(text).toMatch(/^<b><u>Gatehouse<\/u><\/b>\n/);
  });

  test("is answered by a button, by the person who presses it, and the press is acknowledged", async () => {
    const { api, message, received } = await shownCard();
    api.press({ message, data: `${card.id}:0`, from: 8 });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[1]).toMatchObject({
      userId: "telegram:8",
      answer: { cardId: card.id, option: "approve", seen: card.digest },
    });
    await eventually(() => expect(api.calls("answerCallbackQuery")).toMatchObject([{ outcome: "done" }]));
  });

  test("asks for the words of an option that needs them; the reply is the answer", async () => {
    const { api, message, received } = await shownCard();
    api.press({ message, data: `${card.id}:1` });
    await eventually(() =>
      expect(api.seen().at(-1)?.reply_markup).toEqual({ force_reply: true, selective: true }),
    );
    expect(received).toHaveLength(1);
    api.say({ text: "both of them", replyTo: api.seen().at(-1)?.message_id ?? 0 });
    await eventually(() => expect(received).toHaveLength(2));
    const answer = { cardId: card.id, option: "answer", words: "both of them", seen: card.digest };
    expect(received[1]).toMatchObject({ answer });
  });

  test("shows its outcome in place of its buttons, once, though the answer of the change is lost", async () => {
    const { api, close, now } = await shownCard();
    api.fault({ method: "editMessageText", kind: "drop-after" });
    expect(await close()).toMatchObject({ ok: false, error: { code: "not-reachable" } });
    await eventually(async () => expect(await close()).toMatchObject({ ok: true }));
    expect(now()?.reply_markup).toBeUndefined();
    expect(now()?.plain).toContain("Ana asks");
    expect(now()?.plain).toContain("Gatehouse: Approved by ada: ap-1.");
    expect(api.seen().filter(({ from }) => from.is_bot)).toHaveLength(1);
  });

  test.for([
    { how: "is not modified", words: "Bad Request: message is not modified", more: 0 },
    { how: "is not found", words: "Bad Request: message to edit not found", more: 1 },
  ])("whose message $how gets $more new messages with the outcome", async ({ words, more }) => {
    const { api, close } = await shownCard();
    api.fault({ method: "editMessageText", kind: "error", code: 400, description: words });
    expect(await close()).toMatchObject({ ok: true });
    expect(api.seen().filter(({ from }) => from.is_bot)).toHaveLength(1 + more);
  });

  test("says to a person who may not answer why not, over the chat; as a message if it comes too late", async () => {
    const { api, message, channel, received } = await shownCard();
    api.press({ message, data: `${card.id}:0` });
    await eventually(() => expect(received).toHaveLength(2));
    const inReplyTo = received[1]?.id ?? "";
    const refusal = { from: null, failed: true, text: "Only an owner answers it.", inReplyTo } as const;
    await eventually(() => expect(api.calls("answerCallbackQuery")).toHaveLength(1));
    await channel.send(toOwner({ ...refusal, id: "late" }));
    expect(api.seen().at(-1)?.plain).toBe("Gatehouse: Only an owner answers it.");
    const { channel: second, api: other } = await (async () => {
      const fixture = await telegramFixture();
      const next = fixture.open();
      await next.start(async (one) => {
        if (one.answer !== undefined)
          await next.send(toOwner({ ...refusal, id: `re-${one.id}`, inReplyTo: one.id }));
      });
      onTestFinished(() => next.close());
      return { ...fixture, channel: next };
    })();
    await second.send(toOwner({ card, from: null }));
    other.press({ message: 1, data: `${card.id}:0` });
    await eventually(() => expect(other.toasts()).toEqual(["Only an owner answers it."]));
  });

  test.for([
    { what: "an unknown card", data: "ap-9:0", cardId: "ap-9" },
    { what: "an unknown option", data: `${card.id}:9`, cardId: card.id },
    { what: "no card at all", data: "x".repeat(64), cardId: "x".repeat(64) },
  ])("a button of $what chooses no option", async ({ data, cardId }) => {
    const { api, message, received } = await shownCard();
    api.press({ message, data });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[1]?.answer).toMatchObject({ cardId, option: "" });
  });

  test("whose send was uncertain is answered by its button, and is closed then", async () => {
    const { api, channel, received } = await talking();
    api.fault({ method: "sendMessage", kind: "drop-after" });
    const id = `card-${card.id}-telegram:7`;
    expect(await channel.send(toOwner({ id, from: null, card }))).toMatchObject({
      error: { code: "uncertain" },
    });
    const message = api.seen().at(-1)?.message_id ?? 0;
    api.press({ message, data: `${card.id}:0` });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[1]?.answer).toMatchObject({ option: "approve", seen: card.digest });
    const closed = { id: `closed-${id}`, from: null, text: "Done.", inReplyTo: id };
    expect(await channel.send(toOwner(closed))).toMatchObject({ ok: true });
    expect(api.seen().at(-1)?.reply_markup).toBeUndefined();
  });

  test("of two texts whose sends were both uncertain, no press counts: nobody knows which one was read", async () => {
    const { api, channel, received } = await talking();
    const changed = { ...card, digest: "d-2", lines: ["command: echo 2"] };
    for (const [at, one] of [card, changed].entries()) {
      api.fault({ method: "sendMessage", kind: "drop-after" });
      await channel.send(toOwner({ id: `card-${at}`, from: null, card: one }));
    }
    const message = api.seen().at(-1)?.message_id ?? 0;
    for (const shown of [message, message - 1]) api.press({ message: shown, data: `${card.id}:0` });
    await eventually(() => expect(received).toHaveLength(3));
    for (const { answer } of received.slice(1))
      expect(answer).toEqual({ cardId: card.id, option: "", seen: "" });
  });
});

test("the token is in no error, no log, no row and no report", async () => {
  const { api, channel, central, logged, bugs } = await talking();
  const secret = api.token.split(":")[1] ?? "";
  const answers: unknown[] = [];
  for (const [index, kind] of (["drop-before", "drop-after", "error"] as const).entries()) {
    api.fault({
      method: "sendMessage",
      kind,
      code: 400,
      description: `Bad Request: /bot${api.token}/sendMessage`,
    });
    answers.push(await channel.send(toOwner({ id: `re-${index}` })));
  }
  api.fault({ method: "getUpdates", kind: "error", code: 502, description: `bot${api.token}` });
  await eventually(() => expect(logged.some(({ event }) => event === "messenger-trouble")).toBe(true));
  await api.close();
  await eventually(async () => {
    const sent = await channel.send(toOwner({ id: "re-last" }));
    answers.push(sent);
    expect(sent).toMatchObject({ ok: false });
  });
  const rows = await Promise.all(
    (["messenger_bots", "messenger_sends", "messenger_updates"] as const).map((table) =>
      central.db.selectFrom(table).selectAll().execute(),
    ),
  );
  expect(JSON.stringify([answers, logged, bugs.map(String), rows])).not.toContain(secret);
});
