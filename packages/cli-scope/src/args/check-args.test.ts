import { describe, expect, test } from "vitest";
import { checkArgs } from "./check-args.ts";
import type { Flag } from "../commands/command.ts";

const flags: readonly Flag[] = [
  { name: "id", type: "string", description: "", required: true },
  { name: "mode", type: "string", description: "", values: ["all", "known"] },
  { name: "limit", type: "integer", description: "", min: 1, max: 100 },
  { name: "cpus", type: "number", description: "", min: 0.1 },
  { name: "offset", type: "integer", description: "" },
  { name: "rw", type: "boolean", description: "" },
  { name: "unset", type: "list", description: "", values: ["model", "effort"] },
  { name: "apt", type: "list", description: "" },
  { name: "env", type: "json", description: "" },
];
const command = { flags, positional: "id" };

describe("checkArgs, for valid arguments,", () => {
  test.each([
    { name: "id", given: "ag-1", value: "ag-1" },
    { name: "id", given: "", value: "" },
    { name: "mode", given: "all", value: "all" },
    { name: "limit", given: "100", value: 100 },
    { name: "limit", given: 1, value: 1 },
    { name: "offset", given: "-5", value: -5 },
    { name: "offset", given: "-0", value: 0 },
    { name: "offset", given: "007", value: 7 },
    { name: "cpus", given: "0.5", value: 0.5 },
    { name: "cpus", given: 2, value: 2 },
    { name: "rw", given: true, value: true },
    { name: "rw", given: "false", value: false },
    { name: "unset", given: "model,effort", value: ["model", "effort"] },
    { name: "unset", given: ["model", "effort"], value: ["model", "effort"] },
    { name: "apt", given: " a , b,,", value: ["a", "b"] },
    { name: "apt", given: "", value: [] },
    { name: "env", given: '{"A":"1"}', value: { A: "1" } },
    { name: "env", given: '"text"', value: "text" },
    { name: "env", given: { A: "1" }, value: { A: "1" } },
    { name: "env", given: ["a"], value: ["a"] },
    { name: "env", given: "null", value: null },
  ])("reads --$name $given as $value", ({ name, given, value }) => {
    const checked = checkArgs(command, { id: "ag-1", [name]: given });
    expect(checked).toEqual({ ok: true, value: { id: "ag-1", [name]: value } });
  });
});

describe("checkArgs, for invalid arguments,", () => {
  test.each([
    { name: "id", given: true, code: "value-missing" },
    { name: "id", given: 1, code: "value-type" },
    { name: "id", given: null, code: "value-type" },
    { name: "id", given: ["ag-1"], code: "flag-repeated" },
    { name: "mode", given: "ALL", code: "value-not-listed" },
    { name: "mode", given: "", code: "value-not-listed" },
    { name: "limit", given: "0", code: "value-out-of-range" },
    { name: "limit", given: "101", code: "value-out-of-range" },
    { name: "limit", given: "-1", code: "value-out-of-range" },
    { name: "limit", given: "1.5", code: "value-type" },
    { name: "limit", given: 1.5, code: "value-type" },
    { name: "limit", given: "abc", code: "value-type" },
    { name: "limit", given: "", code: "value-type" },
    { name: "limit", given: " 1", code: "value-type" },
    { name: "limit", given: "0x10", code: "value-type" },
    { name: "limit", given: "1e2", code: "value-type" },
    { name: "limit", given: true, code: "value-missing" },
    { name: "offset", given: "9007199254740993", code: "value-type" },
    { name: "cpus", given: "NaN", code: "value-type" },
    { name: "cpus", given: "Infinity", code: "value-type" },
    { name: "cpus", given: "0", code: "value-out-of-range" },
    { name: "rw", given: "yes", code: "value-type" },
    { name: "rw", given: ["true", "false"], code: "flag-repeated" },
    { name: "unset", given: "model,provider", code: "value-not-listed" },
    { name: "unset", given: true, code: "value-missing" },
    { name: "unset", given: ["model", 1], code: "value-type" },
    { name: "env", given: "{A:1}", code: "json-malformed" },
    { name: "env", given: "", code: "json-malformed" },
    { name: "env", given: '{"__proto__":{}}', code: "value-unsafe" },
    { name: "env", given: '["\\u0000"]', code: "value-unsafe" },
    { name: "env", given: "[".repeat(1_000) + "]".repeat(1_000), code: "value-unsafe" },
    { name: "constructor", given: "x", code: "flag-unknown" },
  ])("refuses --$name $given with $code", ({ name, given, code }) => {
    const checked = checkArgs(command, { id: "ag-1", [name]: given });
    expect(checked).toMatchObject({ ok: false, error: [{ code, name }] });
  });

  test("refuses a missing flag, and quotes the text read as the id, which may be the flag's value", () => {
    const group = {
      flags: command.flags.map((flag) => ({ ...flag, required: ["id", "mode"].includes(flag.name) })),
    };
    expect(checkArgs({ ...group, positional: "id" }, { id: "ag-1-notes" })).toEqual({
      ok: false,
      error: [
        { code: "flag-missing", name: "mode", positional: false },
        { code: "read-as", name: "id", value: "ag-1-notes" },
      ],
    });
  });

  test("reports all problems at once", () => {
    const checked = checkArgs(command, { limti: "1", mode: "x", rw: "x" });
    expect(checked).toMatchObject({
      error: [
        { code: "flag-unknown", name: "limti", near: "limit" },
        { code: "flag-missing", name: "id", positional: true },
        { code: "value-not-listed", name: "mode" },
        { code: "value-type", name: "rw" },
      ],
    });
  });
});
