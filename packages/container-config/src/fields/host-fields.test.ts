import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { containerJson } from "../container-json.ts";
import { diffConfigs } from "../changes/diff-configs.ts";
import { checkField, checkScalars } from "./check-config.ts";
import { initialSettings } from "./fields.ts";
import { withHostFields, type HostField, type Parser } from "./host-fields.ts";

/** A parser of a host that does not use zod. */
const colour: Parser<string> = {
  safeParse: (value) =>
    value === "red" || value === "blue"
      ? { success: true, data: value }
      : { success: false, error: { issues: [{ path: [], message: "is no colour" }] } },
};

const fields = withHostFields({
  shm_mb: { check: z.number().int(), column: "integer", needs: "restart", file: "shmMb", initial: null },
  colour: { check: colour, column: "text", needs: "now", file: null, initial: "red" },
  rules: {
    check: z.array(z.object({ host: z.string("is no text") })),
    column: "json",
    needs: "rebuild",
    file: "rules",
    initial: [],
  },
});

describe("withHostFields", () => {
  const right: HostField<string | null> = {
    check: colour,
    column: "text",
    needs: "now",
    file: "right",
    initial: null,
  };
  test.for<{ what: string; rows: Readonly<Record<string, HostField<string | null>>>; says: string }>([
    { what: "a field of the package", rows: { model: right }, says: '"model" is one of this package' },
    {
      what: "a column of the package that is not a field",
      rows: { generation: right },
      says: "is one of this package",
    },
    { what: "a name that cannot be a column", rows: { "a-b": right }, says: "is no name of a column" },
    { what: "a name in capitals", rows: { Colour: right }, says: "is no name of a column" },
    { what: "a key of container.json", rows: { a: { ...right, file: "model" } }, says: "which is taken" },
    { what: "a map of container.json", rows: { a: { ...right, file: "packages" } }, says: "which is taken" },
    { what: "the group's id", rows: { a: { ...right, file: "agentGroupId" } }, says: "which is taken" },
    { what: "a key within another", rows: { a: { ...right, file: "a.b" } }, says: "other than letters" },
    { what: "two fields with one key", rows: { a: right, b: right }, says: '"b" has the key right' },
    {
      what: "an initial value that its check refuses",
      rows: { a: { ...right, initial: "green" } },
      says: "refuses its own initial value",
    },
  ])("throws for $what", ({ rows, says }) => {
    expect(() => withHostFields(rows)).toThrow(says);
  });

  test("accepts a new name, and a field without a key", () => {
    expect(withHostFields({ models: { ...right, file: null } }).names).toContain("models");
  });
});

describe("a host's field", () => {
  test.for([
    { what: "an unknown field", values: { shm: 1 }, problems: [{ path: "shm" }] },
    {
      what: "a refused value",
      values: { colour: "green" },
      problems: [{ path: "colour", problem: "is no colour" }],
    },
    {
      what: "a wrong entry of a list",
      values: { rules: [{ host: 5 }] },
      problems: [{ path: "rules.0.host", problem: "is no text" }],
    },
    {
      what: "null for a field that cannot be unset",
      values: { colour: null },
      problems: [{ problem: "cannot be unset" }],
    },
    { what: "a field of another host", values: { shm_mb: 5 }, own: false, problems: [{ path: "shm_mb" }] },
  ])("is refused with $what", ({ values, problems, own = true }) => {
    const checked = own ? checkScalars(values, [], fields) : checkScalars(values);
    expect(checked).toMatchObject({ error: { code: "invalid-config", problems } });
  });

  test("is checked together with the package's fields, and unset to its initial value", () => {
    expect(checkScalars({ provider: "Codex", rules: [] }, ["colour", "shm_mb"], fields)).toEqual({
      ok: true,
      value: { provider: "codex", rules: [], colour: "red", shm_mb: null },
    });
    expect(checkField("shm_mb", null, fields)).toEqual({ ok: true, value: null });
    expect(checkField("colour", "", fields)).toMatchObject({
      error: { problems: [{ problem: "is no colour" }] },
    });
  });

  test("appears in a difference with its need, and in container.json under its key", () => {
    const { initial } = fields;
    const after = { ...initial, model: "opus", rules: [{ host: "a" }], colour: "blue" };
    expect(diffConfigs(initial, after, fields)).toEqual([
      { field: "model", before: null, after: "opus", needs: "restart" },
      { field: "colour", before: "red", after: "blue", needs: "now" },
      { field: "rules", before: [], after: [{ host: "a" }], needs: "rebuild" },
    ]);
    const file = containerJson(after, { id: "ag-1", name: "Notes" }, fields);
    expect(file).toMatchObject({ model: "opus", rules: [{ host: "a" }] });
    expect(Object.keys(file)).not.toContain("colour");
    expect(Object.keys(containerJson(initialSettings, { id: "ag-1", name: "Notes" }))).not.toContain("rules");
  });

  test("has the type of its check", () => {
    expectTypeOf(fields.initial.shm_mb).toEqualTypeOf<number | null>();
    expectTypeOf(fields.initial.colour).toEqualTypeOf<string>();
    expectTypeOf(fields.initial.rules).toEqualTypeOf<{ host: string }[]>();
    expectTypeOf(fields.initial.model).toEqualTypeOf<string | null>();
  });
});
