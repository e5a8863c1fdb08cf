import type { Card } from "@gatehouse/std";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../messenger.fixture.ts";
import { discordIds } from "../testing/discord-standin.ts";
import { discordFixture, hall, hallChat, toOwner } from "./discord.fixture.ts";

const route = "POST /channels/:id/messages";

const prepared = async () => {
  const fixture = await discordFixture();
  return { ...fixture, ...(await fixture.started()) };
};

describe("a message to a chat", () => {
  test.for([
    { fault: { kind: "error", status: 404, number: 10003 }, code: "no-such-chat" },
    { fault: { kind: "error", status: 403, number: 50007 }, code: "blocked" },
    { fault: { kind: "error", status: 403, number: 50013 }, code: "refused" },
    { fault: { kind: "error", status: 401, number: 0 }, code: "refused" },
    { fault: { kind: "error", status: 400, number: 50035 }, code: "refused" },
  ] as const)("after the refusal $fault.number is $code", async ({ fault, code }) => {
    const { api, channel } = await prepared();
    api.fault({ route, ...fault });
    expect(await channel.send(toOwner())).toMatchObject({ ok: false, error: { code } });
    expect(api.seen()).toEqual([]);
    // A client of the library forgets its token after one 401.
    expect(await channel.send(toOwner({ id: "re-2" }))).toMatchObject({ ok: true });
  });

  test.for([
    // The library adds 50 ms.
    { what: "of Discord", fault: { kind: "error", retryAfter: 1 }, ms: 1050 },
    { what: "of Cloudflare, without a time", fault: { kind: "cloudflare" }, ms: 5000 },
  ] as const)("waits for a limit $what", async ({ fault, ms }) => {
    const { api, channel } = await prepared();
    api.fault({ route, ...fault });
    const error = { code: "not-reachable", retryAfterMs: ms };
    expect(await channel.send(toOwner())).toMatchObject({ ok: false, error });
    await vi.waitFor(async () => expect(await channel.send(toOwner())).toMatchObject({ ok: true }), {
      timeout: 100_000,
    });
    expect(api.seen().map(({ text }) => text)).toEqual(["pong"]);
  });

  test.for(["drop-before", "drop-after", "page"] as const)(
    "after %s is sent again, and is shown once",
    async (kind) => {
      const { api, channel, logged } = await prepared();
      api.fault({ route, kind, times: 2 });
      expect(await channel.send(toOwner())).toMatchObject({ ok: false, error: { code: "not-reachable" } });
      await eventually(async () => expect(await channel.send(toOwner())).toMatchObject({ ok: true }));
      expect(api.seen().map(({ text }) => text)).toEqual(["pong"]);
      expect(api.calls(route)).toHaveLength(3);
      expect(logged).toEqual([]);
    },
  );

  test("is sent again by the next host after a kill, and is shown once", async () => {
    const { api, channel, central, open } = await prepared();
    api.fault({ route, kind: "drop-after" });
    await channel.send(toOwner());
    await channel.close();
    const [row] = await central.db.selectFrom("messenger_sends").select("state").execute();
    expect(row).toEqual({ state: "sending" });
    const next = open();
    await eventually(async () => expect(await next.send(toOwner())).toMatchObject({ ok: true }));
    expect(api.seen().map(({ text }) => text)).toEqual(["pong"]);
  });

  test("whose outcome is unknown for longer than Discord knows it is named, and never sent again", async () => {
    const { api, channel, central, logged } = await prepared();
    api.fault({ route, kind: "drop-after" });
    await channel.send(toOwner());
    const at = new Date(Date.now() - 200_000).toISOString();
    await central.db.updateTable("messenger_sends").set({ at }).execute();
    for (const _ of [1, 2])
      expect(await channel.send(toOwner())).toMatchObject({ ok: false, error: { code: "uncertain" } });
    expect(logged).toMatchObject([{ event: "part-uncertain" }]);
    expect(api.calls(route)).toHaveLength(1);
  });

  test("that is refused after its outcome was unknown is uncertain", async () => {
    const { api, channel } = await prepared();
    api.fault({ route, kind: "drop-after" });
    await channel.send(toOwner());
    api.fault({ route, kind: "error", status: 403, number: 50013 });
    await eventually(async () =>
      expect(await channel.send(toOwner())).toMatchObject({ ok: false, error: { code: "uncertain" } }),
    );
  });

  test("that was deleted before it was sent again was sent", async () => {
    const { api, channel } = await prepared();
    api.fault({ route, kind: "error", status: 404, number: 10008 });
    expect(await channel.send(toOwner())).toEqual({ ok: true, value: { platformMessageId: null } });
  });

  test("of any length is cut below Discord's limit, and a block of code that is cut goes on as one", async () => {
    const { api, channel } = await prepared();
    const lines = Array.from({ length: 400 }, (_, at) => `line ${at} 𝒂`);
    expect(await channel.send(toOwner({ text: ["```ts", ...lines, "```"].join("\n") }))).toMatchObject({
      ok: true,
    });
    const shown = api.seen().map(({ text }) => text);
    expect(shown.length).toBeGreaterThan(1);
    for (const text of shown) expect(text.startsWith("```ts\n") && text.endsWith("\n```")).toBe(true);
    expect(shown.flatMap((text) => text.split("\n").filter((line) => !line.startsWith("```")))).toEqual(
      lines,
    );
  });

  test("in a channel answers its message, calls nobody, and has no previews", async () => {
    const { api, channel, received } = await prepared();
    await eventually(() => expect(api.sockets()).toBe(1));
    const id = api.say({ text: `<@${api.bot}> hi`, channel: hall });
    await eventually(() => expect(received).toHaveLength(1));
    const inReplyTo = received[0]?.id ?? null;
    const text = `@everyone <@${discordIds.user(8)}> https://example.com`;
    await channel.send(toOwner({ platformId: hallChat, inReplyTo, text }));
    expect(api.seen(hall).at(-1)).toMatchObject({ text, reply: id });
    expect(api.calls(route).at(-1)).toMatchObject({
      allowed_mentions: { parse: [] },
      flags: 4,
      enforce_nonce: true,
      message_reference: { message_id: id, fail_if_not_exists: false },
    });
  });

  test("of the host has its mark, which no agent can write, and shows each sign as it is", async () => {
    const { api, channel } = await prepared();
    const text = "a *b* [c](https://d) <@7> `e`\n# f";
    await channel.send(toOwner({ from: null, text }));
    const [{ embeds } = {}] = api.calls(route) as { readonly embeds: readonly { description: string }[] }[];
    expect(embeds?.[0]).toMatchObject({ author: { name: "Gatehouse" } });
    expect(embeds?.[0]?.description).not.toMatch(/(?<!\\)[*[\]<`]/);
    await channel.send(toOwner({ id: "re-2", text: "Gatehouse" }));
    expect(api.calls(route).at(-1)).not.toHaveProperty("embeds");
  });

  test("has its files after its text; one above Discord's limit is refused", async () => {
    const { api, channel } = await prepared();
    const bytes = new TextEncoder().encode("one");
    const content = async function* () {
      yield await Promise.resolve(bytes);
    };
    api.fault({ route, kind: "drop-after", after: 1 });
    const message = toOwner({ text: "look", attachments: [{ name: "a.txt", size: 3, content }] });
    await eventually(async () => expect(await channel.send(message)).toMatchObject({ ok: true }));
    expect(api.seen().map(({ text, file }) => file ?? text)).toEqual([
      "look",
      { name: "a.txt", text: "one" },
    ]);
  });
});

describe("a card", () => {
  const card: Card = {
    id: "ap-1",
    title: "Ana *asks*",
    lines: ["May she?", "> rm -rf", "> now"],
    options: [
      { id: "approve", label: "Approve", command: "ncl approvals approve ap-1" },
      { id: "other", label: "Other", command: "ncl approvals answer ap-1", words: "required" },
    ],
    digest: "0123456789abcdef",
  };
  const shownIn = async (platformId: string, channelId: string) => {
    const fixture = await discordFixture();
    const { channel, received } = await fixture.started();
    await eventually(() => expect(fixture.api.sockets()).toBe(1));
    await eventually(async () =>
      expect(await fixture.central.db.selectFrom("messenger_bots").selectAll().execute()).toHaveLength(1),
    );
    await channel.send(toOwner({ id: "card-1", platformId, from: null, text: "Ana asks", card }));
    const message = fixture.api.seen(channelId).at(-1)?.id ?? "";
    return { ...fixture, channel, received, message };
  };
  const shown = () => shownIn(toOwner().platformId, discordIds.direct(7));

  test("has its lines and a button for each option", async () => {
    const { api } = await shown();
    expect(api.seen().at(-1)).toMatchObject({
      text: "Gatehouse\n**Ana *asks***\nMay she?\n> rm -rf\n> now\nReply to this message with words: Other",
      buttons: [
        { label: "Approve", custom_id: "ap-1:0" },
        { label: "Other", custom_id: "ap-1:1" },
      ],
    });
  });

  test("with more options and lines than Discord takes at once is several messages", async () => {
    const { api, channel } = await prepared();
    const options = Array.from({ length: 12 }, (_, at) => ({
      id: `o${at}`,
      label: `${at} ${"long ".repeat(40)}`,
      command: "ncl",
    }));
    const lines = Array.from({ length: 300 }, (_, at) => `> line ${at} *_[<`);
    const large = { ...card, options, lines };
    expect(await channel.send(toOwner({ from: null, text: "x", card: large }))).toMatchObject({ ok: true });
    expect(api.seen().length).toBeGreaterThan(1);
    expect(api.seen().at(-1)?.buttons).toHaveLength(12);
  });

  test("is answered by its button, by the person who presses it; in a channel the refusal is for them alone", async () => {
    const { api, channel, received, message } = await shownIn(hallChat, hall);
    api.press({ message, data: "ap-1:0", user: discordIds.user(8), channel: hall });
    await eventually(() => expect(received).toHaveLength(1));
    const [{ id, answer, userId } = {}] = received;
    expect({ userId, answer }).toEqual({
      userId: `discord:${discordIds.user(8)}`,
      answer: { cardId: "ap-1", option: "approve", seen: card.digest },
    });
    const no = toOwner({
      id: "no-1",
      platformId: hallChat,
      from: null,
      text: "You may not.",
      inReplyTo: id ?? null,
    });
    await eventually(async () => expect(await channel.send(no)).toMatchObject({ ok: true }));
    expect(api.seen(hall).at(-1)).toMatchObject({
      text: "Gatehouse\nYou may not.",
      onlyFor: discordIds.user(8),
    });
  });

  test("whose press Discord no longer knows is no word about the bot's token", async () => {
    const { api, channel, received, message } = await shownIn(hallChat, hall);
    api.press({ message, data: "ap-1:0", user: discordIds.user(8), channel: hall });
    await eventually(() => expect(received).toHaveLength(1));
    api.fault({ route: "POST /webhooks/:id/:token", kind: "error", status: 401, number: 50027 });
    const [{ id } = {}] = received;
    const no = { id: "no-1", platformId: hallChat, from: null, text: "You may not.", inReplyTo: id ?? null };
    expect(await channel.send(toOwner(no))).toMatchObject({ ok: false, error: { code: "not-reachable" } });
  });

  test("asks for the words of an option that needs them; the reply to that is the answer", async () => {
    const { api, central, received, message } = await shown();
    api.press({ message, data: "ap-1:1" });
    const sends = central.db.selectFrom("messenger_sends").select("platform_message_id");
    const asked = await vi.waitFor(async () => {
      const [row] = await sends.where("message_id", "like", "ask-%").where("state", "=", "sent").execute();
      return row?.platform_message_id ?? expect.fail("nothing was asked");
    });
    expect(api.seen().at(-1)?.text).toContain("with your words: Other");
    api.say({ text: "later", reply: asked });
    await eventually(() =>
      expect(received).toMatchObject([{ answer: { cardId: "ap-1", option: "other", words: "later" } }]),
    );
  });

  test("shows a long outcome beside as many lines as Discord takes", async () => {
    const { api, channel } = await prepared();
    const long = { ...card, lines: Array.from({ length: 4 }, () => "x".repeat(900)) };
    await channel.send(toOwner({ id: "card-1", from: null, text: "Ana asks", card: long }));
    const end = toOwner({ id: "end-1", from: null, text: "*".repeat(3_000), inReplyTo: "card-1" });
    expect(await channel.send(end)).toMatchObject({ ok: true });
    expect(api.seen()).toHaveLength(1);
    expect(api.seen()[0]).toMatchObject({
      buttons: [],
      text: expect.stringContaining("cut off: 3000") as string,
    });
  });

  test.for([
    { number: undefined, more: 0 },
    { number: 10008, more: 1 },
  ])(
    "shows its outcome in place of its buttons; where Discord says $number, +$more messages",
    async ({ number, more }) => {
      const { api, channel } = await shown();
      const edit = "PATCH /channels/:id/messages/:id";
      if (number !== undefined) api.fault({ route: edit, kind: "error", status: 404, number });
      else api.fault({ route: edit, kind: "drop-after" });
      const before = api.seen().length;
      const end = toOwner({ id: "end-1", from: null, text: "Approved by Ana.", inReplyTo: "card-1" });
      await eventually(async () => expect(await channel.send(end)).toMatchObject({ ok: true }));
      expect(api.seen()).toHaveLength(before + more);
      const last = api.seen().at(-1);
      expect(last?.text).toContain("Ana *asks***\nMay she?");
      expect(last?.text.endsWith("Gatehouse\n**Approved by Ana.**")).toBe(true);
      expect(last?.buttons).toEqual([]);
    },
  );
});
