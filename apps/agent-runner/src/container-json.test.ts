import { describe, expect, test } from "vitest";
import { parseContainerJson } from "./container-json.ts";

const timezone = "Europe/Berlin";
const named = { agentGroupId: "ag-1", assistantName: "Ada" };
const whole = { ...named, provider: "Echo", maxMessagesPerPrompt: 3, timezone, skills: "all" };

describe("parseContainerJson", () => {
  test("reads the fields that the runner needs, and ignores the rest", () =>
    expect(parseContainerJson(JSON.stringify(whole))).toEqual({
      ok: true,
      value: {
        groupId: "ag-1",
        assistantName: "Ada",
        provider: "echo",
        maxMessagesPerPrompt: 3,
        timezone,
        model: null,
        effort: null,
        mcpServers: {},
        ownProvider: null,
      },
    }));

  test("reads the model, its effort, and the MCP servers", () => {
    const fields = { model: "opus", effort: "low", mcpServers: { rss: { command: "rss" } } };
    expect(parseContainerJson(JSON.stringify({ ...whole, ...fields }))).toMatchObject({ value: fields });
  });

  test("puts ten messages into a prompt by default", () => {
    const parsed = parseContainerJson(JSON.stringify({ ...whole, maxMessagesPerPrompt: undefined }));
    expect(parsed).toMatchObject({ value: { maxMessagesPerPrompt: 10 } });
  });

  test("uses the machine's time zone by default", () => {
    const parsed = parseContainerJson(JSON.stringify({ ...whole, timezone: undefined }));
    expect(parsed).toMatchObject({ value: { timezone: expect.stringMatching(/^[A-Z]/) as unknown } });
  });

  test.each([
    {
      what: "an unknown time zone",
      text: JSON.stringify({ ...whole, timezone: "Mars/Olympus" }),
      error: "has something else than a time zone as timezone.",
    },
    { what: "an empty file", text: "", error: "is not a JSON object." },
    { what: "a torn file", text: JSON.stringify(whole).slice(0, -5), error: "is not a JSON object." },
    { what: "a list", text: "[]", error: "is not a JSON object." },
    { what: "null", text: "null", error: "is not a JSON object." },
    { what: "no group", text: '{"provider":"echo"}', error: "has no text as agentGroupId." },
    { what: "no provider", text: '{"agentGroupId":"ag-1"}', error: "has no text as provider." },
    {
      what: "no name",
      text: '{"agentGroupId":"ag-1","provider":"echo"}',
      error: "has no text as assistantName.",
    },
    {
      what: "a model that is no text",
      text: JSON.stringify({ ...whole, model: 5 }),
      error: "has something else than a text as model.",
    },
    {
      what: "an effort that is no text",
      text: JSON.stringify({ ...whole, effort: [] }),
      error: "has something else than a text as effort.",
    },
    {
      what: "servers in a list",
      text: JSON.stringify({ ...whole, mcpServers: [] }),
      error: "has something else than an object as mcpServers.",
    },
    ...[0, 1.5, "10", null].map((value) => ({
      what: `${JSON.stringify(value)} messages`,
      text: JSON.stringify({ ...whole, maxMessagesPerPrompt: value }),
      error: "has something else than a whole number above 0 as maxMessagesPerPrompt.",
    })),
  ])("refuses $what", ({ text, error }) => expect(parseContainerJson(text)).toEqual({ ok: false, error }));
});
