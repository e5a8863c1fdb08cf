import { describe, expect, test } from "vitest";
import { parseContainerJson } from "./container-json.ts";

const whole = { agentGroupId: "ag-1", provider: "Echo", maxMessagesPerPrompt: 3, skills: "all" };

describe("parseContainerJson", () => {
  test("takes what the runner needs, and leaves the rest", () =>
    expect(parseContainerJson(JSON.stringify(whole))).toEqual({
      ok: true,
      value: { groupId: "ag-1", provider: "echo", maxMessagesPerPrompt: 3 },
    }));

  test("has ten messages in a prompt where the configuration says nothing", () => {
    const parsed = parseContainerJson(JSON.stringify({ ...whole, maxMessagesPerPrompt: undefined }));
    expect(parsed).toMatchObject({ value: { maxMessagesPerPrompt: 10 } });
  });

  test.each([
    { what: "an empty file", text: "", error: "is not a JSON object." },
    { what: "a torn file", text: JSON.stringify(whole).slice(0, -5), error: "is not a JSON object." },
    { what: "a list", text: "[]", error: "is not a JSON object." },
    { what: "null", text: "null", error: "is not a JSON object." },
    { what: "no group", text: '{"provider":"echo"}', error: "has no text as agentGroupId." },
    { what: "no provider", text: '{"agentGroupId":"ag-1"}', error: "has no text as provider." },
    ...[0, 1.5, "10", null].map((value) => ({
      what: `${JSON.stringify(value)} messages`,
      text: JSON.stringify({ ...whole, maxMessagesPerPrompt: value }),
      error: "has something else than a whole number above 0 as maxMessagesPerPrompt.",
    })),
  ])("refuses $what", ({ text, error }) => expect(parseContainerJson(text)).toEqual({ ok: false, error }));
});
