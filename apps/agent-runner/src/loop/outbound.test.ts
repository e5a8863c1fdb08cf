import { describe, expect, test } from "vitest";
import { chatMessage, projection } from "../agent-end.fixture.ts";
import { limits } from "../limits.ts";
import type { Answer } from "../provider.ts";
import { chatKey, outboundOf, type Outbound } from "./outbound.ts";

const now = "2026-01-01T00:00:00.000Z";
const room = { channelType: "local", platformId: "room" };

const made = (answers: readonly Answer[], rest: Partial<Parameters<typeof chatMessage>[2]> = {}): Outbound =>
  outboundOf(
    answers,
    [chatMessage("m-1", "hello", rest), chatMessage("m-2", "and", rest)],
    { ...projection, lastThreads: new Map([[chatKey(room), "t-7"]]) },
    now,
  );

const placesOf = ({ messages }: Outbound): readonly string[] =>
  messages.map(({ channelType, platformId, threadId }) => [channelType, platformId, threadId].join(" "));

describe("outboundOf", () => {
  test("sends several texts, each with an id of its own that a repeated turn makes again (case 50)", () => {
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

  test("cuts an answer that the host would not take, and says so", () => {
    const sent = (text: string): string => {
      const [message] = made([{ text, inReplyTo: "m-1" }]).messages;
      expect(JSON.stringify(message?.content).length).toBeLessThan(256 * 1024);
      return (message?.content as { text: string }).text;
    };
    const fits = "x".repeat(limits.contentBytes - 2);
    expect(sent(fits)).toBe(fits);
    expect(sent(`${fits}x`)).toMatch(/^x{30000}\n\[Cut off here: the answer has 199999 characters\.\]$/);
    expect(sent("\u0001".repeat(100_000))).toContain("100000 characters");
  });

  test("sends to a destination by its name: a chat in its last thread, or an agent (case 52)", () => {
    const sent = made([
      { text: "to all", inReplyTo: "m-1", to: "team" },
      { text: "to bo", inReplyTo: "m-1", to: "bo" },
    ]);
    expect(placesOf(sent)).toEqual(["local room t-7", "agent ag-2 "]);
  });

  test("drops what is for an unknown destination and names it; the others go (case 51)", () => {
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
      where: "the session's chat, where the message has none",
      from: { channelType: null, platformId: null },
      place: "local ana ",
    },
  ])("answers in $where", ({ from, place }) =>
    expect(placesOf(made([{ text: "yes", inReplyTo: "m-1" }], from))).toEqual([place]),
  );
});
