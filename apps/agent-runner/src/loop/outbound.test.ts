import { describe, expect, test } from "vitest";
import { chatMessage, projection } from "../agent-side.fixture.ts";
import { limits } from "../limits.ts";
import type { Answer } from "../provider.ts";
import type { SendInput } from "../host-tools/host-tools.ts";
import { chatKey, outboundOf, ownMessages, sentMessage, type Outbound, type SendPlace } from "./outbound.ts";

const now = "2026-01-01T00:00:00.000Z";
const room = { channelType: "local", platformId: "room" };

const made = (answers: readonly Answer[], rest: Partial<Parameters<typeof chatMessage>[2]> = {}): Outbound =>
  outboundOf(
    answers,
    [chatMessage("m-1", "hello", rest), chatMessage("m-2", "and", rest)],
    { ...projection, lastThreads: new Map([[chatKey(room), "t-7"]]) },
    now,
  );

const placesOf = ({ messages }: Pick<Outbound, "messages">): readonly string[] =>
  messages.map(({ channelType, platformId, threadId }) => [channelType, platformId, threadId].join(" "));

describe("outboundOf", () => {
  test("sends several texts, each with its own id, which a repeated turn makes again", () => {
    const answers = [
      { text: "one", inReplyTo: "m-1" },
      { text: "two", inReplyTo: "m-1" },
      { text: "three", inReplyTo: "m-2" },
      { text: "by the way", inReplyTo: null },
    ];
    const { messages } = made(answers);
    expect(messages.map(({ id, inReplyTo }) => [id, inReplyTo])).toEqual([
      ["re-m-1", "m-1"],
      ["re-m-1-2", "m-1"],
      ["re-m-2", "m-2"],
      ["re-m-2-2", null],
    ]);
    expect(made(answers).messages).toEqual(messages);
  });

  test("shortens an answer that is too long for the host, and says so", () => {
    const sent = (text: string): string => {
      const [message] = made([{ text, inReplyTo: "m-1" }]).messages;
      expect(JSON.stringify(message?.content).length).toBeLessThan(256 * 1024);
      return (message?.content as { text: string }).text;
    };
    const fits = "x".repeat(limits.contentBytes - 2);
    expect(sent(fits)).toBe(fits);
    expect(sent(`${fits}x`)).toMatch(
      /^x{30000}\n\[Cut off here: the answer has 199999 characters\. All of it is in answer\.md\.\]$/,
    );
    expect(sent("\u0001".repeat(100_000))).toContain("100000 characters");
  });

  test("adds the whole of a shortened answer as a file, and tells the agent", () => {
    const text = "x".repeat(limits.contentBytes);
    const { files, notes } = made([
      { text, inReplyTo: "m-1", files: ["plot.png"] },
      { text: "short", inReplyTo: "m-2" },
    ]);
    expect([...files]).toEqual([["re-m-1", [{ name: "answer.md", text }, "plot.png"]]]);
    expect(notes).toEqual([expect.stringContaining("too long for a message")]);
  });

  test("sends to a destination by its name: a chat in its last thread, or an agent", () => {
    const sent = made([
      { text: "to all", inReplyTo: "m-1", to: "team" },
      { text: "to bo", inReplyTo: "m-1", to: "bo" },
    ]);
    expect(placesOf(sent)).toEqual(["local room t-7", "agent ag-2 "]);
  });

  test("drops texts for an unknown destination and returns its name; other texts are sent", () => {
    const sent = made([
      { text: "lost", inReplyTo: "m-1", to: "Team" },
      { text: "kept", inReplyTo: "m-1" },
    ]);
    expect(sent.unknown).toEqual(["Team"]);
    expect(sent.messages.map(({ id, content }) => [id, content])).toEqual([["re-m-1", { text: "kept" }]]);
  });

  test.each([
    { where: "the message's thread", from: { threadId: "t-1" }, place: "local ana t-1" },
    {
      where: "the session's chat if the message has no chat",
      from: { channelType: null, platformId: null },
      place: "local ana ",
    },
  ])("sends an answer to $where", ({ from, place }) =>
    expect(placesOf(made([{ text: "yes", inReplyTo: "m-1" }], from))).toEqual([place]),
  );
});

const place: SendPlace = {
  ...projection,
  lastThreads: new Map([[chatKey(room), "t-7"]]),
  batch: "b-1",
  occurrence: 0,
  messages: [chatMessage("m-1", "hello", { threadId: "t-1" })],
};

const sent = (input: SendInput, rest: Partial<SendPlace> = {}): ReturnType<typeof sentMessage> =>
  sentMessage(input, { ...place, ...rest }, now);

const idOf = (...parts: Parameters<typeof sent>): string => {
  const made = sent(...parts);
  return made.ok ? made.value.id : made.error;
};

const fromAgent = [chatMessage("am-1", "hi", { channelType: "agent", platformId: "ag-2" })];

describe("a message of the tool send_message", () => {
  test("goes to the chat of the turn, and answers no message, because the sender still waits", () => {
    const value = { channelType: "local", platformId: "ana", threadId: "t-1", inReplyTo: null };
    expect(sent({ text: "soon" })).toMatchObject({
      ok: true,
      value: { ...value, content: { text: "soon" } },
    });
  });

  test("goes to a destination by its name", () => {
    expect(sent({ text: "x", to: "team" })).toMatchObject({ value: { platformId: "room", threadId: "t-7" } });
    expect(sent({ text: "x", to: "bo" })).toMatchObject({ value: { platformId: "ag-2", inReplyTo: null } });
  });

  test("answers the message of an agent, so that the host counts how often agents wrote to each other", () => {
    const rest = { messages: fromAgent };
    expect(sent({ text: "x", to: "bo" }, rest)).toMatchObject({ value: { inReplyTo: "am-1" } });
    expect(sent({ text: "x", to: "team" }, rest)).toMatchObject({ value: { inReplyTo: null } });
  });

  test("has the same id in a repeated turn, and another one for every other message", () => {
    const input = { text: "x", to: "team", files: ["a"] };
    expect(idOf(input)).toBe(idOf({ files: ["a"], to: "team", text: "x" }));
    const others = [
      idOf({ ...input, text: "y" }),
      idOf({ text: "x", files: ["a"] }),
      idOf({ ...input, files: [] }),
      idOf(input, { occurrence: 1 }),
      idOf(input, { batch: "b-2" }),
    ];
    expect(new Set([idOf(input), ...others]).size).toBe(6);
    expect(idOf(input)).toMatch(/^sent-[0-9a-f]{32}$/);
  });

  test.each([
    { name: "an unknown destination", input: { text: "x", to: "Team" }, error: /"Team".*team, bo/ },
    { name: "an empty message", input: { text: " " }, error: /neither a text nor a file/ },
    { name: "a text that is too long", input: { text: "x".repeat(limits.contentBytes) }, error: /in parts/ },
  ])("refuses $name", ({ input, error }) => {
    const made = sent(input);
    expect(made.ok ? "" : made.error).toMatch(error);
  });
});

describe("ownMessages", () => {
  const turn = { id: "msg_1", text: "it ran", hasFailed: false };
  const place = { ...projection, lastThreads: new Map([[chatKey(room), "t-7"]]) };
  const own = (text: string, rest: Partial<typeof place> = {}) =>
    ownMessages({ ...turn, text }, { ...place, ...rest }, now);

  test("sends the text to the session's chat, and answers no message", () => {
    const { messages } = own(" it ran\n");
    expect(messages).toMatchObject([{ inReplyTo: null, platformId: "ana", content: { text: "it ran" } }]);
    expect(own(" it ran\n").messages).toEqual(messages);
    expect(ownMessages({ ...turn, id: "msg_2" }, place, now).messages[0]?.id).not.toBe(messages[0]?.id);
  });

  test("goes on in the last thread of the session's chat", () =>
    expect(placesOf(own("it ran", { routing: { ...room, threadId: null } }))).toEqual(["local room t-7"]));

  test("sends a text that names destinations to these, each with its own id", () => {
    const sent = own('<message to="team">one</message>\n<message to="bo">two</message>');
    expect(placesOf(sent)).toEqual(["local room t-7", "agent ag-2 "]);
    expect(new Set(sent.messages.map(({ id }) => id)).size).toBe(2);
  });

  test.each([
    { name: "an unknown destination", text: '<message to="nobody">one</message>', unknown: ["nobody"] },
    { name: "a conversation of several chats", text: "one", unknown: [""] },
  ])("sends nothing to $name", ({ text, unknown }) => {
    const routing = { channelType: null, platformId: null, threadId: null };
    expect(own(text, { routing })).toMatchObject({ messages: [], unknown });
  });

  test("says in the runner's own words that the agent failed, and reads no destinations in the error", () => {
    const text = '<message to="team">no</message>';
    const [message, ...more] = ownMessages({ ...turn, text, hasFailed: true }, place, now).messages;
    expect(more).toEqual([]);
    expect(message).toMatchObject({ platformId: "ana", content: { system: true } });
  });
});
