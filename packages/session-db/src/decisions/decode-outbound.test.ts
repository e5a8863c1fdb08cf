import { describe, expect, test } from "vitest";
import { decodeAck, decodeMessage } from "./decode-outbound.ts";

const at = "2026-11-21T12:00:00.000Z";
const row = {
  ...{ id: "a", seq: 3, in_reply_to: "m", timestamp: at, deliver_after: null, kind: "chat" },
  ...{ platform_id: "p", channel_type: "local", thread_id: null, content: '{"text":"hello"}' },
};

describe("decodeMessage", () => {
  test("reads a row that the runner wrote", () => {
    expect(decodeMessage(row)).toEqual({
      ...{ seq: 3, id: "a" },
      message: {
        ...{ id: "a", seq: 3, kind: "chat", timestamp: at, content: { text: "hello" }, inReplyTo: "m" },
        ...{ deliverAfter: null, channelType: "local", platformId: "p", threadId: null },
      },
    });
  });

  test.each([
    { what: "no id", over: { id: null }, id: null },
    { what: "an empty id", over: { id: "" }, id: null },
    { what: "another kind", over: { kind: "mail" }, id: "a" },
    { what: "a time of another form", over: { timestamp: "2026-11-21 12:00:00" }, id: "a" },
    { what: "content that is no JSON", over: { content: "{" }, id: "a" },
    { what: "content that was too long to read", over: { content: null }, id: "a" },
    {
      what: "content that would overflow a stack",
      over: { content: "[".repeat(101) + "]".repeat(101) },
      id: "a",
    },
  ])("$what: the number alone, for the host to pass it", ({ over, id }) => {
    expect(decodeMessage({ ...row, ...over })).toEqual({ seq: 3, id, message: null });
  });

  test("treats an answer to an id that is too long as an answer to no message", () => {
    const inReplyTo = (length: number) =>
      decodeMessage({ ...row, in_reply_to: "m".repeat(length) })?.message?.inReplyTo;
    expect(inReplyTo(500)).toHaveLength(500);
    expect(inReplyTo(501)).toBeNull();
  });

  test("counts no brackets inside a text, and reads 100 levels", () => {
    const content = JSON.stringify([
      "[".repeat(500),
      '"[['.repeat(200),
      JSON.parse("[".repeat(99) + "]".repeat(99)),
    ]);
    expect(decodeMessage({ ...row, content })?.message?.content).toEqual(JSON.parse(content));
  });

  test.each([2n ** 60n, "rejects the number %s", null, 1.5, -1, 2 ** 60])("the number %s is none", (seq) => {
    expect(decodeMessage({ ...row, seq })).toBeNull();
  });
});

describe("decodeAck", () => {
  const ack = {
    message_id: "m",
    status: "failed",
    status_changed: at,
    incarnation: 2,
    reason: "why",
    change: 7,
  };

  test("reads a row that the runner wrote", () => {
    const { status } = ack as { status: "failed" };
    expect(decodeAck(ack)).toEqual({
      change: 7,
      ack: { id: "m", status, reason: "why", since: at, incarnation: 2, change: 7 },
    });
  });

  test("returns only the number for an unknown status", () => {
    expect(decodeAck({ ...ack, status: "done" })).toEqual({ change: 7, ack: null });
  });

  test("returns null without a number", () => {
    expect(decodeAck({ ...ack, change: "x" })).toBeNull();
  });
});
