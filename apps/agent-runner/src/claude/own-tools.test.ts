import { describe, expect, test } from "vitest";
import { sentBefore } from "./own-tools.ts";

const use = { tool: "mcp__gatehouse__send_message", input: { text: "a" }, hasResult: true, hasFailed: false };

describe("sentBefore", () => {
  test("returns the messages whose results the transcript has", () => {
    expect(sentBefore([use, { ...use, input: { text: "b", to: "team" } }])).toEqual([
      { text: "a" },
      { text: "b", to: "team" },
    ]);
  });

  test.each([
    { name: "a message without a result", other: { ...use, hasResult: false } },
    { name: "a message that was refused", other: { ...use, hasFailed: true } },
    { name: "another tool", other: { ...use, tool: "mcp__gatehouse__ncl" } },
    { name: "an input that is none", other: { ...use, input: { text: 1 } } },
  ])("leaves out $name", ({ other }) => expect(sentBefore([other])).toEqual([]));
});
