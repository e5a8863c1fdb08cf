import { describe, expect, test } from "vitest";
import displayWidth from "string-width";
import { ageOf, compactRows } from "./compact-rows.ts";
import { renderData } from "./render-data.ts";

const now = Date.parse("2026-11-23T10:00:00.000Z");
const id = (prefix: string, end: string): string => `${prefix}-019abc12-3456-7${end}-8fff-0123456789ab`;
const always = (): boolean => true;

describe("compactRows", () => {
  test("shortens generated ids to their time, and keeps more of ids that share it", () => {
    const rows = [
      { id: id("ag", "aaa"), name: "Ana" },
      { id: id("ag", "aab"), name: "Ops" },
      { id: id("se", "aaa"), name: "Ops" },
      { id: "ag-1", name: "local:ana" },
    ];
    expect(compactRows(rows, now, always).shown).toEqual([
      { id: "ag-019abc12-3456-7aaa", name: "Ana" },
      { id: "ag-019abc12-3456-7aab", name: "Ops" },
      { id: "se-019abc12-3456", name: "Ops" },
      { id: "ag-1", name: "local:ana" },
    ]);
  });

  test("shortens the ids of a text without spaces, and keeps those of a sentence", () => {
    const actor = `agent:${id("ag", "aaa")}/${id("se", "aaa")}`;
    expect(compactRows([{ actor, note: `see ${id("ap", "aaa")}` }], now, always).shown).toEqual([
      { actor: "agent:ag-019abc12-3456/se-019abc12-3456", note: `see ${id("ap", "aaa")}` },
    ]);
  });

  test("shows times as ages, and drops columns that are empty in every row", () => {
    const rows = [
      { id: "a", note: null, created_at: "2026-11-23T09:58:00.000Z", answer: null },
      { id: "b", note: "", created_at: null, answer: "yes" },
    ];
    expect(compactRows(rows, now, always)).toEqual({
      shown: [
        { id: "a", created_at: "2 min ago", answer: null },
        { id: "b", created_at: null, answer: "yes" },
      ],
      dropped: [],
    });
  });

  test("drops the last columns until the rest fits, and names them", () =>
    expect(
      compactRows([{ a: 1, b: 2, c: 3, d: 4 }], now, ([row = {}]) => Object.keys(row).length <= 1),
    ).toEqual({ shown: [{ a: 1, b: 2 }], dropped: ["c", "d"] }));
});

test.each([
  { ms: 0, says: "now" },
  { ms: 59_999, says: "59 s ago" },
  { ms: 60_000, says: "1 min ago" },
  { ms: 3 * 3_600_000, says: "3 h ago" },
  { ms: 50 * 3_600_000, says: "2 d ago" },
  { ms: -7 * 86_400_000, says: "in 7 d" },
])('ageOf shows $ms ms as "$says"', ({ ms, says }) => expect(ageOf(ms)).toBe(says));

describe("renderData, for wide rows,", () => {
  const row = (end: string) => ({
    id: id("se", end),
    agent_group_id: id("ag", "111"),
    messaging_group_id: id("mg", "222"),
    thread_id: null,
    status: "active",
    container_status: "stopped",
    incarnation: id("in", "333"),
    last_active: "2026-11-23T09:00:00.000Z",
    created_at: "2026-11-22T09:00:00.000Z",
  });
  const rows = [row("aaa"), row("bbb")];
  const widest = (text: string): number => Math.max(...text.split("\n").map((line) => displayWidth(line)));

  test("fits 100 columns at a terminal, as a table", () => {
    const text = renderData(rows, { columns: 100, isColoured: false, now }, displayWidth);
    expect(widest(text)).toBeLessThanOrEqual(100);
    expect(text).toContain("se-019abc12-3456-7a  ag-019abc12-3456");
    expect(text).toContain("not shown: ");
  });

  test("narrows free text before it drops a column", () => {
    const decision = { id: id("de", "aaa"), at: "2026-11-23T09:00:00.000Z", actor: "a".repeat(90) };
    const wide = [{ ...decision, command: "groups config update ".repeat(3), effect: "allow" }];
    const text = renderData(wide, { columns: 100, isColoured: false, now }, displayWidth);
    expect(widest(text)).toBeLessThanOrEqual(100);
    expect(text.split("\n")[0]).toMatch(/^id +at +actor +command +effect/);
  });

  test("shows everything in a pipe, even with a time", () => {
    const text = renderData(rows, { columns: null, isColoured: false, now }, displayWidth);
    expect(text).toContain(id("in", "333"));
    expect(text).toContain("2026-11-22T09:00:00.000Z");
  });

  test("shows everything at a terminal without a time, as for --wide", () =>
    expect(renderData(rows, { columns: 500, isColoured: false }, displayWidth)).toContain(id("mg", "222")));
});
