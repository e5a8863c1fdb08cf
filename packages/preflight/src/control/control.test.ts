import { describe, expect, test } from "vitest";
import { readAnswer, decideFolder, acceptFolder, askFolder } from "./claude-protocol.ts";
import { createLineReader, requestLine } from "./line-reader.ts";

const success = (response: object): unknown => ({
  type: "control_response",
  response: { subtype: "success", request_id: "7", response },
});

describe("a request", () => {
  test("is one line of JSON in the form that Claude Code 2.1.328 reads", () => {
    expect(requestLine(askFolder("1", "/a\nb"))).toBe(
      '{"type":"control_request","request_id":"1","request":{"subtype":"set_cwd","path":"/a\\nb"}}\n',
    );
    expect(acceptFolder("2", "/a", "/a").request).toEqual({
      subtype: "set_cwd",
      path: "/a",
      trust_accepted: true,
      trusted_directory: "/a",
    });
  });
});

describe("readAnswer", () => {
  test.each([
    [
      success({ status: "needs_trust", directory: "/r/sub", trust_root: "/r" }),
      { status: "needs-trust", directory: "/r/sub", trustRoot: "/r" },
    ],
    [
      success({ status: "needs_trust", directory: "/r" }),
      { status: "needs-trust", directory: "/r", trustRoot: null },
    ],
    [success({ status: "ok", cwd: "/r", changed: true }), { status: "ok" }],
    [success({ status: "rejected", reason: "busy" }), { status: "busy" }],
    [
      success({ status: "rejected", reason: "not_found", message: "Couldn't find it." }),
      { status: "refused", detail: "Couldn't find it." },
    ],
    [success({ status: "needs_trust" }), { status: "refused", detail: "status needs_trust" }],
    [
      success({ status: "needs_trust", directory: "/r", trust_root: 3 }),
      { status: "refused", detail: "status needs_trust" },
    ],
    [success({}), { status: "refused", detail: "status missing" }],
    [
      {
        type: "control_response",
        response: {
          subtype: "error",
          request_id: "7",
          error: "Unsupported control request subtype: set_cwd",
        },
      },
      { status: "unsupported" },
    ],
    [
      { type: "control_response", response: { subtype: "error", request_id: "7", error: "no such file" } },
      { status: "refused", detail: "no such file" },
    ],
  ])("reads %j", (message, answer) => {
    expect(readAnswer(message)).toEqual({ requestId: "7", answer });
  });

  test.each([
    null,
    3,
    [],
    { type: "system" },
    { type: "control_response" },
    { type: "control_response", response: { request_id: 7 } },
  ])("returns null for %j, which is no answer", (message) => expect(readAnswer(message)).toBeNull());
});

describe("decideFolder", () => {
  const planned = { real: "/r/sub", trustKey: "/r" };
  const asked = { status: "needs-trust", directory: "/r/sub", trustRoot: "/r" } as const;
  test("accepts if the CLI names the real folder and the planned key", () => {
    expect(decideFolder(asked, planned)).toEqual({ type: "accept", directory: "/r/sub" });
    expect(
      decideFolder({ ...asked, directory: "/r", trustRoot: null }, { real: "/r", trustKey: "/r" }),
    ).toEqual({
      type: "accept",
      directory: "/r",
    });
  });

  test.each([
    ["another folder", { ...asked, directory: "/r/other" }],
    ["another key", { ...asked, trustRoot: "/" }],
    ["no key, as 2.1.212 does for a worktree", { ...asked, trustRoot: null }],
    ["a key that only looks the same", { ...asked, trustRoot: "/r/" }],
  ])("refuses if the CLI names %s", (_, answer) => {
    expect(decideFolder(answer, planned).type).toBe("refuse");
  });

  test("asks again only if the CLI is busy", () => {
    expect(decideFolder({ status: "busy" }, planned)).toEqual({ type: "ask-again" });
    for (const answer of [
      { status: "ok" },
      { status: "unsupported" },
      { status: "refused", detail: "" },
    ] as const)
      expect(decideFolder(answer, planned).type).toBe("refuse");
  });
});

describe("createLineReader", () => {
  test("reads JSON lines in any pieces, and skips other lines", () => {
    const reader = createLineReader();
    expect(reader.feed('{"a":')).toEqual([]);
    expect(reader.feed('1}\nnot json\n{"b":2}\n{"c"')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(reader.feed(":3}\n")).toEqual([{ c: 3 }]);
  });

  test("returns null for a line that is too long", () => {
    const reader = createLineReader(10);
    expect(reader.feed("x".repeat(10))).toEqual([]);
    expect(reader.feed("x")).toBeNull();
  });
});
