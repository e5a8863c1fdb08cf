import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalArgs, canonicalName } from "./canonical-args.ts";
import { limits } from "../wire/limits.ts";

const deep = (levels: number): unknown => (levels === 0 ? "x" : [deep(levels - 1)]);

describe("canonicalName", () => {
  test.each([
    { raw: "group", name: "group" },
    { raw: "agent-group-id", name: "agent_group_id" },
    { raw: "Agent-Group_ID", name: "agent_group_id" },
    { raw: "a--b", name: "a__b" },
    { raw: "p2", name: "p2" },
    { raw: "x".repeat(64), name: "x".repeat(64) },
    { raw: "x".repeat(65), name: null },
    { raw: "", name: null },
    { raw: "-a", name: null },
    { raw: "_a", name: null },
    { raw: "__proto__", name: null },
    { raw: "2a", name: null },
    { raw: "a b", name: null },
    { raw: " a", name: null },
    { raw: "a.b", name: null },
    { raw: "a\u0000", name: null },
    { raw: "a\n", name: null },
    // The Kelvin sign and the long s: lower-cased or upper-cased they become ASCII letters.
    { raw: "\u212aind", name: null },
    { raw: "\u017fcope", name: null },
    { raw: "größe", name: null },
  ])("reads $raw as $name", ({ raw, name }) => {
    expect(canonicalName(raw)).toBe(name);
  });
});

describe("canonicalArgs", () => {
  test("lowercases names, and keeps values as they are", () => {
    const args = canonicalArgs({ "As-Group": "Ag-1", limit: ["1", "2"], rebuild: true, env: { a: 1 } });
    expect(args).toEqual({
      ok: true,
      value: { as_group: "Ag-1", limit: ["1", "2"], rebuild: true, env: { a: 1 } },
    });
  });

  test.each([
    { spellings: ["group", "Group"] },
    { spellings: ["agent-group-id", "agent_group_id"] },
    { spellings: ["A-b", "a_B", "a-b"] },
  ])("refuses $spellings together, even with equal values", ({ spellings }) => {
    const args = canonicalArgs(Object.fromEntries(spellings.map((spelling) => [spelling, "same"])));
    expect(args).toMatchObject({ ok: false, error: [{ code: "name-twice", spellings }] });
  });

  test.each([
    { what: "text up to the limit", value: "x".repeat(limits.text), unsafe: null },
    { what: "longer text", value: "x".repeat(limits.text + 1), unsafe: "too-long" },
    { what: "tab and line ends", value: "a\tb\r\nc", unsafe: null },
    { what: "NUL", value: "a\u0000b", unsafe: "control-character" },
    { what: "an escape sequence", value: "\u001b[2J", unsafe: "control-character" },
    { what: "a C1 control", value: "\u009b2J", unsafe: "control-character" },
    { what: "letters beyond ASCII", value: "Größe 日本 👩‍💻", unsafe: null },
    { what: "a lone surrogate", value: "a\ud800", unsafe: "ill-formed-text" },
    { what: "nesting up to the limit", value: deep(limits.depth), unsafe: null },
    { what: "deeper nesting", value: deep(limits.depth + 1), unsafe: "too-deep" },
    {
      what: "nesting that would overflow the stack",
      value: JSON.parse("[".repeat(100_000) + "]".repeat(100_000)),
      unsafe: "too-deep",
    },
    {
      what: "values beyond the limit",
      value: Array.from({ length: limits.values }, () => 0),
      unsafe: "too-many",
    },
    { what: "a nested __proto__", value: JSON.parse('{"a":[{"__proto__":{}}]}'), unsafe: "reserved-key" },
    { what: "NUL in a key", value: { "a\u0000": 1 }, unsafe: "control-character" },
    { what: "a number that JSON does not have", value: [Number.NaN], unsafe: "not-json" },
    { what: "a function", value: { toJSON: () => 1 }, unsafe: "not-json" },
    { what: "an object with a class", value: new Date(0), unsafe: "not-json" },
    { what: "undefined", value: undefined, unsafe: "not-json" },
    { what: "null", value: null, unsafe: null },
  ])("checks $what: $unsafe", ({ value, unsafe }) => {
    const args = canonicalArgs({ name: value });
    if (unsafe === null) expect(args).toEqual({ ok: true, value: { name: value } });
    else expect(args).toEqual({ ok: false, error: [{ code: "value-unsafe", name: "name", unsafe }] });
  });

  test("refuses more flags than any command has", () => {
    const many = Array.from({ length: limits.args + 1 }, (_, index) => [`f${index}`, "x"]);
    expect(canonicalArgs(Object.fromEntries(many))).toMatchObject({ error: [{ code: "args-too-many" }] });
  });

  test("returns canonical arguments unchanged", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (raw) => {
        const once = canonicalArgs(raw);
        if (once.ok) expect(canonicalArgs(once.value)).toEqual(once);
      }),
    );
  });
});
