import { describe, expect, test } from "vitest";
import type { Signature } from "../commands/command.ts";
import { ownRows } from "./own-rows.ts";

const signature: Signature = {
  words: "sessions list",
  resource: "sessions",
  effect: "read",
  access: "open",
  reach: "group",
  description: "",
  flags: [],
  rowGroup: "agent_group_id",
};
const own = { id: "a", agent_group_id: "ag-1" };
const inherited: unknown = Object.create(own);

describe("ownRows", () => {
  test.each([
    { what: "own rows", data: [own, own], left: [own, own] },
    { what: "a row of another group", data: [own, { id: "b", agent_group_id: "ag-2" }], left: [own] },
    { what: "a row without the group column", data: [{ id: "b" }], left: [] },
    { what: "a row whose group is null", data: [{ agent_group_id: null }], left: [] },
    { what: "a row whose group is inherited from its prototype", data: [inherited], left: [] },
    { what: "values that are not rows", data: ["ag-1", null, 5], left: [] },
    { what: "no rows", data: [], left: [] },
  ])("keeps only the own rows of a list: $what", ({ data, left }) => {
    const rows = ownRows(signature, {}, "ag-1", { data });
    expect(rows).toEqual({ ok: true, value: { data: left } });
  });

  test.each([
    { what: "of another group", data: { id: "x", agent_group_id: "ag-2" } },
    { what: "without the group column", data: { id: "x" } },
    { what: "null", data: null },
    { what: "not an object", data: "x" },
  ])("answers not-found for a single row that is $what", ({ data }) => {
    expect(ownRows(signature, { id: "x" }, "ag-1", { data })).toEqual({
      ok: false,
      error: { code: "not-found", message: 'There is no "x" in sessions.' },
    });
  });

  test("removes the text for people if it removes a row, and keeps it otherwise", () => {
    const human = "two rows";
    expect(ownRows(signature, {}, "ag-1", { data: [own, {}], human })).toEqual({
      ok: true,
      value: { data: [own] },
    });
    expect(ownRows(signature, {}, "ag-1", { data: [own], human })).toMatchObject({ value: { human } });
  });

  test("does not change the answer of a command without a rowGroup", () => {
    const { rowGroup, ...custom } = signature;
    expect(rowGroup).toBe("agent_group_id");
    expect(ownRows(custom, {}, "ag-1", { data: { restarted: 1 } })).toMatchObject({ ok: true });
  });
});
