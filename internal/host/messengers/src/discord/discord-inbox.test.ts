import type { FromPerson } from "@gatehouse/channels";
import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { discordIds, type DiscordStandin } from "../testing/discord-standin.ts";
import {
  directChat,
  discordFixture,
  hall,
  hallChat,
  toOwner,
  type DiscordFixture,
} from "./discord.fixture.ts";

const texts = (received: readonly FromPerson[]): readonly string[] => received.map(({ text }) => text);

/** A session may begin five seconds after the last one. */
const slowly = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 25_000 });

/** Waits until a host has noted that it hears Discord. */
const hears = ({ central, api }: DiscordFixture) =>
  slowly(async () => {
    expect(api.sockets()).toBe(1);
    expect(await central.db.selectFrom("messenger_bots").select("trouble").execute()).toEqual([
      { trouble: null },
    ]);
  });

const prepared = async (options: Parameters<typeof discordFixture>[0] = {}) => {
  const fixture = await discordFixture(options);
  const started = await fixture.started();
  await hears(fixture);
  return { ...fixture, ...started, fixture };
};

/** A host that has heard this in the hall, and has ended. */
const ended = async (...said: readonly string[]) => {
  const { fixture, api, received, channel } = await prepared();
  const ids = said.map((text) => api.say({ text, channel: hall }));
  api.say({ text: "direct" });
  await eventually(() => expect(received).toHaveLength(said.length + 1));
  await channel.close();
  await eventually(() => expect(api.sockets()).toBe(0));
  return { fixture, api, ids };
};

const mention = (api: DiscordStandin): string => `<@${api.bot}>`;

describe("a message", () => {
  test("is stored under its id, with the names of its sender and its channel", async () => {
    const { api, received, central } = await prepared();
    const id = api.say({ text: `${mention(api)} who is <@${discordIds.user(8)}>? <:ok:123>`, channel: hall });
    await eventually(() => expect(received).toHaveLength(1));
    expect(received[0]).toMatchObject({
      id: `discord:${api.bot}:${hall}:${id}`,
      platformId: hallChat,
      threadId: null,
      userId: `discord:${discordIds.user(7)}`,
      userName: "Ana",
      chatName: "hall",
      text: "who is @user08? :ok:",
      isMention: true,
      isDirect: false,
    });
    expect(await central.db.selectFrom("messenger_updates").select("chat").execute()).toEqual([
      { chat: hallChat },
    ]);
  });

  test.for([
    { what: "that names the bot", said: { text: "<@BOT> hi", channel: hall }, isMention: true },
    { what: "to others", said: { text: "hi", channel: hall }, isMention: false },
    {
      what: "to another person",
      said: { text: "<@100000000000000008> hi", channel: hall },
      isMention: false,
    },
    { what: "in a direct chat", said: { text: "hi" }, isMention: true },
  ])("$what is for the bot: $isMention", async ({ said, isMention }) => {
    const { api, received } = await prepared();
    api.say({ ...said, text: said.text.replace("BOT", api.bot) });
    await eventually(() => expect(received).toMatchObject([{ isMention }]));
  });

  test("that replies to the bot is for it, and the agent reads to what", async () => {
    const { api, received, channel } = await prepared();
    const sent = await channel.send(toOwner({ platformId: hallChat }));
    const reply = (sent.ok ? sent.value.platformMessageId : null) ?? expect.fail("nothing was sent");
    api.say({ text: "more", channel: hall, reply });
    await eventually(() =>
      expect(received).toMatchObject([
        { isMention: true, text: "more", quoted: [{ how: "replied-to", sender: "the bot", text: "pong" }] },
      ]),
    );
  });

  test("in a thread belongs to the thread of the channel's chat, and so does its answer", async () => {
    const { api, received, channel } = await prepared();
    const thread = api.beginThread(hall, api.say({ text: "about this", channel: hall }));
    const id = api.say({ text: `${mention(api)} hi`, channel: thread });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received[1]).toMatchObject({ platformId: hallChat, threadId: thread, chatName: "hall" });
    const inReplyTo = received[1]?.id ?? null;
    await channel.send(toOwner({ platformId: hallChat, threadId: thread, inReplyTo }));
    expect(api.seen(thread).at(-1)).toMatchObject({ text: "pong", reply: id });
  });

  test("of a bot, of a webhook, about a chat, and an event of an unknown kind are for nobody", async () => {
    const { api, received, bugs } = await prepared();
    const event = { id: "1", channel_id: discordIds.direct(7), content: "no", type: 0 };
    api.happen("MESSAGE_CREATE", { ...event, author: { id: "5", bot: true }, mentions: [] });
    api.happen("MESSAGE_CREATE", { ...event, author: { id: "5" }, webhook_id: "5", mentions: [] });
    api.happen("MESSAGE_CREATE", { ...event, author: { id: "5" }, type: 7, mentions: [] });
    api.happen("GUILD_SOMETHING_NEW", { id: "1" });
    api.say({ text: "yes" });
    await eventually(() => expect(texts(received)).toEqual(["yes"]));
    expect(bugs).toEqual([]);
  });

  test("that is not as Discord describes it is reported, and the next one is heard", async () => {
    const { api, received, bugs } = await prepared();
    api.happen("CHANNEL_UPDATE", null as never);
    api.happen("MESSAGE_CREATE", {
      id: "no number",
      channel_id: "x",
      author: { id: "5" },
      content: "no",
      type: 0,
    });
    api.say({ text: "yes" });
    await eventually(() => expect(texts(received)).toEqual(["yes"]));
    expect(bugs).toHaveLength(2);
  });

  test("that was passed on, a sticker and a preview that comes later", async () => {
    const { api, received } = await prepared();
    const event = {
      channel_id: discordIds.direct(7),
      type: 0,
      author: { id: discordIds.user(7) },
      mentions: [],
    };
    const forward = { message_reference: { type: 1 }, message_snapshots: [{ message: { content: "old" } }] };
    api.happen("MESSAGE_CREATE", { ...event, id: "4194304001", content: "", ...forward });
    api.happen("MESSAGE_CREATE", {
      ...event,
      id: "4194304002",
      content: "",
      sticker_items: [{ name: "wave" }],
    });
    api.happen("MESSAGE_UPDATE", { ...event, id: "4194304002", content: "", edited_timestamp: null });
    await eventually(() => expect(received).toHaveLength(2));
    expect(received).toMatchObject([
      { text: "", quoted: [{ how: "forwarded", text: "old" }] },
      { text: "[a sticker: wave]" },
    ]);
  });

  test("has its files also if Discord refuses them for now", async () => {
    const { api, received } = await prepared();
    const route = "GET /channels/:id/messages/:id";
    api.fault({ route, kind: "error", status: 400, number: 40333, times: 2 });
    api.say({ text: "look", files: [{ name: "a.txt", text: "one" }] });
    await eventually(() => expect(received).toMatchObject([{ attachments: [{ name: "a.txt", size: 3 }] }]));
  });

  test("has files, fetched by an address of now; one elsewhere is left out", async () => {
    const { api, received } = await prepared();
    api.say({ text: "look", files: [{ name: "a.txt", text: "one" }] });
    await eventually(() => expect(received).toMatchObject([{ attachments: [{ name: "a.txt", size: 3 }] }]));
    const event = { id: "4194304001", channel_id: discordIds.direct(7), author: { id: "5" }, mentions: [] };
    const attachments = [{ id: "9", filename: "b", size: 1, url: "https://example.com/b" }];
    api.happen("MESSAGE_CREATE", { ...event, content: "gone", attachments });
    await eventually(() =>
      expect(received[1]).toMatchObject({ text: "gone\n[the file b was left out: it is no longer there.]" }),
    );
  });
});

type Way = {
  readonly at: string;
  /** Something happens to the socket, and a person says "two" before or after it. */
  readonly act: (api: DiscordStandin, say: () => void) => unknown;
  readonly sessions: readonly string[];
};

/** The points of an event's way at which its socket may end. */
const ways: readonly Way[] = [
  {
    at: "before the event",
    act: (api, say) => {
      api.cut();
      say();
    },
    sessions: ["identify", "resume"],
  },
  {
    at: "right after the event",
    act: (api, say) => {
      say();
      api.cut();
    },
    sessions: ["identify", "resume"],
  },
  {
    at: "with two refused connections after it",
    act: (api, say) => {
      api.cut(2);
      say();
    },
    sessions: ["identify", "resume"],
  },
  {
    at: "with more refused connections than a session is worth",
    act: (api, say) => {
      api.cut(3);
      say();
    },
    sessions: ["identify", "identify"],
  },
  {
    at: "as Discord asks for",
    act: (api, say) => {
      api.reconnect();
      say();
    },
    sessions: ["identify", "resume"],
  },
  {
    at: "by an unknown error (4000)",
    act: (api, say) => {
      api.end(4000);
      say();
    },
    sessions: ["identify", "resume"],
  },
  {
    at: "by a session that timed out (4009)",
    act: (api, say) => {
      api.end(4009);
      say();
    },
    sessions: ["identify", "identify"],
  },
  {
    at: "and its session is forgotten before the event",
    act: (api, say) => {
      api.forget();
      api.cut();
      say();
    },
    sessions: ["identify", "identify"],
  },
  {
    at: "and its session is forgotten, and a limit comes in the middle of what was missed",
    act: (api, say) => {
      api.forget();
      api.fault({ route: "GET /channels/:id/messages", kind: "error", retryAfter: 1 });
      api.fault({ route: "GET /guilds/:id/threads/active", kind: "cloudflare" });
      api.cut();
      say();
    },
    sessions: ["identify", "identify"],
  },
  {
    at: "and its session is forgotten, and it ends again in the middle of what was missed",
    act: async (api, say) => {
      api.forget();
      api.fault({ route: "GET /channels/:id/messages", kind: "error", retryAfter: 1 });
      api.cut();
      say();
      await slowly(() => expect(api.paths("GET /channels/:id/messages").length).toBeGreaterThan(0));
      api.cut();
    },
    sessions: ["identify", "identify", "resume"],
  },
];

describe("a socket that ends", () => {
  test.for(ways)("$at loses no message, and repeats none", async ({ act, sessions }) => {
    const { api, received, bugs } = await prepared();
    api.say({ text: "one" });
    await eventually(() => expect(texts(received)).toEqual(["one"]));
    await act(api, () => void api.say({ text: "two" }));
    await slowly(() => expect(texts(received)).toEqual(["one", "two"]));
    await slowly(() => expect(api.sockets()).toBe(1));
    api.say({ text: "three" });
    await slowly(() => expect(texts(received)).toEqual(["one", "two", "three"]));
    expect(api.sessions()).toEqual(sessions);
    expect(bugs).toEqual([]);
  });

  test("without a word while calls succeed is opened anew, which the log says; nothing is lost", async () => {
    const { api, central, logged, channel, received } = await prepared({ heartbeatMs: 1_000 });
    api.say({ text: "one" });
    await eventually(() => expect(texts(received)).toEqual(["one"]));
    const last = await central.db.selectFrom("messenger_bots").select("polled_at").executeTakeFirstOrThrow();
    api.freeze();
    api.say({ text: "two" });
    expect(await channel.send(toOwner())).toMatchObject({ ok: true });
    await slowly(() => expect(texts(received)).toEqual(["one", "two"]));
    expect(logged).toEqual([
      {
        event: "messenger-reopened",
        fields: {
          channel: "discord",
          bot: "",
          reason: expect.stringMatching(/broke off; Discord was last heard at 2\d{3}-/) as string,
        },
      },
    ]);
    const [, at = ""] = /heard at (\S+)\./.exec(JSON.stringify(logged)) ?? [];
    expect(at >= (last.polled_at ?? "")).toBe(true);
  });
});

test("while nothing can be stored its session goes on, though its socket is closed", async () => {
  const { api, central, received } = await prepared();
  await sql`pragma query_only = 1`.execute(central.db);
  api.say({ text: "one" });
  await slowly(() => expect(api.sockets()).toBe(0));
  api.say({ text: "two" });
  await sql`pragma query_only = 0`.execute(central.db);
  await slowly(() => expect(texts(received)).toEqual(["one", "two"]));
  expect(api.sessions()).toEqual(["identify", "resume"]);
});

test("once half of a day's sessions are used, the next one begins later, which the log says once", async () => {
  const { api, logged } = await prepared({ sessionsLeft: 41 });
  api.forget();
  api.cut();
  const reasons = () => logged.map(({ fields }) => JSON.stringify(fields));
  await slowly(() => expect(reasons().at(-1)).toContain("so the next one begins later"));
  expect(reasons().filter((reason) => reason.includes("begins later"))).toHaveLength(1);
  expect(api.sessions()).toEqual(["identify"]);
});

describe("what was said while no host heard Discord", () => {
  test("is read when one begins, once and in order: in a channel, a thread and a direct chat", async () => {
    const { fixture, api, ids } = await ended("before");
    const thread = api.beginThread(hall, ids[0] ?? "");
    api.say({ text: "one", channel: hall });
    api.say({ text: "two", channel: thread });
    api.say({ text: "three", channel: hall });
    api.say({ text: "four" });
    const { received } = await fixture.started();
    await slowly(() => expect(received).toHaveLength(4));
    api.say({ text: "five", channel: hall });
    await eventually(() => expect(received).toHaveLength(5));
    const inHall = received.filter(
      ({ platformId, threadId }) => platformId === hallChat && threadId === null,
    );
    expect(texts(inHall)).toEqual(["one", "three", "five"]);
    expect(received.find(({ text }) => text === "two")).toMatchObject({
      threadId: thread,
      platformId: hallChat,
    });
    expect(received.find(({ text }) => text === "four")).toMatchObject({ platformId: directChat });
  });

  test("includes the change of a message that was just heard", async () => {
    const { fixture, api, ids } = await ended("before");
    api.say({ text: "changed", edit: ids[0] ?? "" });
    const { received } = await fixture.started();
    await slowly(() => expect(received).toHaveLength(1));
    expect(received[0]).toMatchObject({ text: "changed", edits: `discord:${api.bot}:${hall}:${ids[0]}` });
  });

  test("is read page by page, and a limit or a lost answer ends no progress", async () => {
    const { fixture, api } = await ended("before");
    const said = Array.from({ length: 230 }, (_, at) => `line ${at}`);
    for (const text of said) api.say({ text, channel: hall });
    const route = "GET /channels/:id/messages";
    const before = api.paths(route).length;
    api.fault({ route, kind: "error", retryAfter: 1, after: 1 });
    api.fault({ route, kind: "drop-after", after: 1 });
    const { received } = await fixture.started();
    await slowly(() => expect(texts(received.filter(({ isDirect }) => !isDirect))).toEqual(said));
    const inHall = api
      .paths(route)
      .slice(before)
      .filter((path) => path.includes(hall));
    // Three pages, two of them asked for twice.
    expect(inHall).toHaveLength(5);
    expect(new Set(inHall).size).toBe(3);
    expect(api.sessions()).toHaveLength(2);
  });

  test("in a channel that Discord does not hand over is named, and delays nothing else", async () => {
    const { fixture, api } = await ended("before");
    api.say({ text: "one", channel: hall });
    api.say({ text: "two", channel: discordIds.channel(6) });
    const route = "GET /channels/:id/messages";
    api.fault({ route, of: hall, kind: "error", status: 500, times: 10 });
    const { received } = await fixture.started();
    await slowly(() => expect(texts(received)).toEqual(["two"]));
    api.say({ text: "three" });
    await eventually(() => expect(texts(received)).toEqual(["two", "three"]));
    await slowly(() => expect(texts(received)).toEqual(["two", "three", "one"]));
    expect(fixture.logged).toEqual([
      {
        event: "messenger-trouble",
        fields: expect.objectContaining({
          reason: expect.stringContaining(`what was said in the channel ${hall} since `) as string,
        }) as object,
      },
    ]);
  });

  test("in a channel that Discord refuses for an unknown reason is read again", async () => {
    const { fixture, api } = await ended("before");
    api.say({ text: "one", channel: hall });
    const route = "GET /channels/:id/messages";
    api.fault({ route, of: hall, kind: "error", status: 400, number: 40333 });
    const { received } = await fixture.started();
    await slowly(() => expect(texts(received)).toEqual(["one"]));
  });

  test("leaves out a channel that the bot may not read", async () => {
    const { fixture, api } = await ended("before");
    api.say({ text: "hidden", channel: hall });
    api.say({ text: "seen" });
    api.fault({ route: "GET /channels/:id/messages", kind: "error", status: 403, number: 50001 });
    const { received } = await fixture.started();
    await slowly(() => expect(texts(received)).toEqual(["seen"]));
  });

  test("leaves out a server that puts the bot out while it is read", async () => {
    const { fixture, api } = await ended("before");
    api.say({ text: "hidden", channel: hall });
    api.say({ text: "seen" });
    api.fault({
      route: "GET /guilds/:id/threads/active",
      kind: "error",
      status: 403,
      number: 50001,
      times: 1_000,
    });
    const { received } = await fixture.started();
    await slowly(() => expect(texts(received)).toEqual(["seen"]));
  });
});

describe("a press", () => {
  test("is acknowledged once it is stored, before the host has handled it", async () => {
    const fixture = await discordFixture();
    const { api, central, started } = fixture;
    let handle = (): void => {};
    const { received } = await started(() => new Promise((resolve) => void (handle = resolve)));
    await hears(fixture);
    api.press({ message: "4194304001", data: "ap-1:0" });
    await eventually(() =>
      expect(api.calls("POST /interactions/:id/:token/callback")).toEqual([{ type: 6 }]),
    );
    expect(await central.db.selectFrom("messenger_updates").select("message_id").execute()).toHaveLength(1);
    await eventually(() => expect(api.failedPresses()).toEqual([]));
    expect(received).toEqual([]);
    handle();
  });

  test("whose acknowledgement is lost is acknowledged again, also by the next socket", async () => {
    const { api, received } = await prepared();
    api.fault({ route: "POST /interactions/:id/:token/callback", kind: "drop-before" });
    api.press({ message: "4194304001", data: "ap-1:0" });
    await eventually(() => expect(received).toHaveLength(1));
    api.cut();
    await slowly(() => expect(api.failedPresses()).toEqual([]));
    expect(received).toHaveLength(1);
  });

  test("that came as its socket broke off is told again by the next one", async () => {
    const { api, received } = await prepared();
    api.cut();
    api.press({ message: "4194304001", data: "ap-1:0" });
    await slowly(() => expect(received).toHaveLength(1));
    await eventually(() => expect(api.failedPresses()).toEqual([]));
  });
});

describe("a refusal of Discord", () => {
  test.for([
    { what: "an intent that is off", options: { hasIntent: false }, says: "Message Content Intent" },
    { what: "no session left today", options: { sessionsLeft: 3 }, says: "no more than 3 sessions" },
  ])("is said with what to do: $what", async ({ options, says }) => {
    const { logged, started, api } = await discordFixture(options);
    await started();
    await eventually(() =>
      expect(logged).toMatchObject([
        {
          event: "messenger-trouble",
          fields: { channel: "discord", reason: expect.stringContaining(says) as string },
        },
      ]),
    );
    expect(api.paths("GET /gateway/bot")).toHaveLength(1);
  });

  test("for now is tried again, and no error or log has a token or a text", async () => {
    const fixture = await discordFixture();
    const { api, started, logged, bugs } = fixture;
    api.fault({ route: "GET /gateway/bot", kind: "error", status: 401, number: 0 });
    api.fault({ route: "GET /gateway/bot", kind: "drop-before" });
    api.fault({ route: "GET /gateway/bot", kind: "page" });
    const { received, channel } = await started();
    await hears(fixture);
    api.say({ text: "one" });
    await eventually(() => expect(texts(received)).toEqual(["one"]));
    api.fault({ route: "POST /channels/:id/messages", kind: "error", status: 400, number: 50035 });
    expect(await channel.send(toOwner({ text: "a secret" }))).toMatchObject({ ok: false });
    expect(JSON.stringify([logged, bugs])).not.toMatch(/Cl2FMQ|a secret/);
    expect(logged.map(({ fields }) => fields)).toMatchObject([
      { reason: expect.stringMatching(/^Discord says: No\. \(0\)\. To mend it/) as string },
      { reason: expect.stringContaining("was lost") as string },
      { reason: expect.stringContaining("was lost (502)") as string },
    ]);
  });
});

test.for([
  { what: "its server", name: "GUILD_DELETE", data: { id: discordIds.guild } },
  { what: "the channel", name: "CHANNEL_DELETE", data: { id: hall, guild_id: discordIds.guild } },
])("that the bot has lost $what is told to the owners", async ({ name, data }) => {
  const { api, logged, received } = await prepared();
  api.say({ text: "hi", channel: hall });
  await eventually(() => expect(received).toHaveLength(1));
  api.happen("GUILD_DELETE", { id: discordIds.guild, unavailable: true });
  api.happen(name, data);
  await eventually(() => expect(logged).toMatchObject([{ event: "chat-lost", fields: { chat: hallChat } }]));
});

test("that a server has lost a channel which is no chat of the bot is told to nobody", async () => {
  const { api, central, logged, received } = await prepared();
  api.happen("CHANNEL_DELETE", { id: discordIds.channel(6), guild_id: discordIds.guild });
  api.say({ text: "hi", channel: hall });
  await eventually(() => expect(received).toHaveLength(1));
  expect(await central.db.selectFrom("messenger_chats").select("chat").execute()).toEqual([
    { chat: hallChat },
  ]);
  expect(logged).toEqual([]);
});
