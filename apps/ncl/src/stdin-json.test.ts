import { describe, expect, test } from "vitest";
import { withStdin } from "./stdin-json.ts";

describe("--stdin-json", () => {
  test("adds the flags of one object to the typed ones, and keeps the types of their values", () => {
    const text = '{"model":"o \\"1\\"","env":{"A":"1"},"read_only":true}';
    expect(withStdin({ id: "ag-1" }, text)).toEqual({
      ok: true,
      value: { id: "ag-1", model: 'o "1"', env: { A: "1" }, read_only: true },
    });
  });

  test.for([
    { what: "an empty text", text: "" },
    { what: "invalid JSON", text: "{bad" },
    { what: "a list", text: "[1]" },
    { what: "a string", text: '"model"' },
    { what: "null", text: "null" },
    { what: "two objects", text: '{"a":1}{"b":2}' },
  ])("refuses $what", ({ text }) => {
    expect(withStdin({}, text)).toMatchObject({
      ok: false,
      error: expect.stringContaining("one JSON object") as string,
    });
  });

  test("refuses more than 64 KiB", () => {
    expect(withStdin({}, null)).toMatchObject({
      ok: false,
      error: "--stdin-json: stdin has more than 64 KiB.",
    });
  });

  test.for([
    { args: { "cli-scope": "group" }, text: '{"cli_scope":"global"}' },
    { args: { cli_scope: "group" }, text: '{"cli-scope":"global"}' },
    { args: {}, text: '{"cli-scope":"a","cli_scope":"b"}' },
    { args: { Model: "a" }, text: '{"model":"b"}' },
  ])("refuses a repeated flag: $args and $text", ({ args, text }) => {
    expect(withStdin(args, text)).toMatchObject({
      ok: false,
      error: expect.stringContaining("given twice") as string,
    });
  });
});
