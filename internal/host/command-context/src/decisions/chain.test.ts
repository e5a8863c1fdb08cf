import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { DecisionRow } from "@gatehouse/central-database";
import {
  type AnsweredApproval,
  type Entry,
  type Flaw,
  type Gap,
  joinGaps,
  type Known,
  type Mac,
  type ChainLink,
  sealOf,
  sealOfApproval,
  start,
  walkChain,
} from "./chain.ts";

const mac: Mac = (text) => createHmac("sha256", "key").update(text).digest("base64url");

const entryOf = (name: string): Entry => ({
  id: `de-${name}`,
  at: "2026-11-20T08:00:00.000Z",
  actor: "host",
  command: `groups ${name}`,
  args: "{}",
  effect: "allow",
  rule_id: "host",
  reason: "the operator",
  account: null,
});

/** The chain of six rows, a to f, as the host wrote it. */
const chainOf = (names = "abcdef"): readonly DecisionRow[] => {
  let at: ChainLink = start;
  return [...names].map((name) => {
    const entry = entryOf(name);
    at = { seq: at.seq + 1, mac: sealOf(mac, at, entry) };
    return { ...entry, ...at };
  });
};

const rows = chainOf();
const [a, b, c, d, e, f] = rows as [
  DecisionRow,
  DecisionRow,
  DecisionRow,
  DecisionRow,
  DecisionRow,
  DecisionRow,
];
const placeOf = ({ seq, mac: seal }: DecisionRow): ChainLink => ({ seq: seq ?? 0, mac: seal ?? "" });
const known: Known = { head: { ...placeOf(f), pruned: 0 }, seen: placeOf(f), gaps: [] };

const flawOf = (found: readonly DecisionRow[], against: Partial<Known> = {}): Flaw | null => {
  const walk = walkChain(mac, { ...known, ...against });
  for (const row of found) {
    const flaw = walk.row(row);
    if (flaw !== null) return flaw;
  }
  return walk.end();
};

const gapOf = (first: number, last: number): Gap => ({
  first,
  last,
  before: rows[first - 2]?.mac ?? "",
  after: rows[last - 1]?.mac ?? "",
});

describe("walkChain", () => {
  test.each<{ what: string; found: readonly DecisionRow[]; against?: Partial<Known> }>([
    { what: "an untouched log", found: rows },
    { what: "a log whose end was not noted, as after a kill", found: rows, against: { seen: placeOf(d) } },
    { what: "a log without a noted end, as after a restore", found: rows, against: { seen: null } },
    { what: "no rows", found: [], against: { head: { ...start, pruned: 0 }, seen: null } },
    { what: "the oldest rows pruned", found: [d, e, f], against: { gaps: [gapOf(1, 3)] } },
    { what: "rows of one actor pruned", found: [a, c, f], against: { gaps: [gapOf(2, 2), gapOf(4, 5)] } },
    { what: "all rows pruned", found: [], against: { gaps: [gapOf(1, 6)] } },
    { what: "the noted row pruned", found: [e, f], against: { gaps: [gapOf(1, 4)], seen: placeOf(c) } },
  ])("accepts $what", ({ found, against }) => expect(flawOf(found, against)).toBeNull());

  const columns = Object.keys(entryOf("")) as (keyof Entry)[];
  test.each([...columns.map((column) => [column, "x"] as const), ["mac", b.mac] as const])(
    "names a row whose %s was changed",
    (column, value) =>
      expect(flawOf([a, b, { ...c, [column]: value }, d, e, f])).toEqual({
        is: "changed",
        id: column === "id" ? "x" : "de-c",
        at: column === "at" ? "x" : c.at,
      }),
  );

  const removed = (seq: number, last: number, after: string | null): Flaw => ({
    is: "removed",
    seq,
    last,
    after,
  });
  const added = (id: string): Flaw => ({ is: "added", id, at: a.at });
  const changed = (id: string): Flaw => ({ is: "changed", id, at: a.at });
  /** The end of the log, as it was after this row. */
  const head = (row: DecisionRow): Partial<Known> => ({ head: { ...placeOf(row), pruned: 0 } });
  const other = chainOf("abxdef");

  test.each<{ what: string; found: readonly DecisionRow[]; against?: Partial<Known>; flaw: Flaw }>([
    {
      what: "two rows that changed places",
      found: [a, { ...c, ...placeOf(b) }, { ...b, ...placeOf(c) }, d, e, f],
      flaw: changed("de-c"),
    },
    {
      what: "a row with a number of its own",
      found: [a, b, { ...entryOf("x"), seq: 2.5, mac: "x" }, c, d, e, f],
      flaw: added("de-x"),
    },
    {
      what: "a row before another of its number",
      found: [a, b, { ...entryOf("0"), ...placeOf(c) }, c, d, e, f],
      flaw: added("de-0"),
    },
    {
      what: "a row after another of its number",
      found: [a, b, c, { ...c, id: "de-x" }, d, e, f],
      flaw: added("de-x"),
    },
    { what: "a copy of an older row", found: [a, b, c, b, d, e, f], flaw: added("de-b") },
    {
      what: "a row at the end",
      found: [...rows, { ...entryOf("x"), seq: 7, mac: "x" }],
      flaw: added("de-x"),
    },
    { what: "the first row removed", found: [b, c, d, e, f], flaw: removed(1, 1, null) },
    { what: "two rows in the middle removed", found: [a, b, e, f], flaw: removed(3, 4, "de-b") },
    { what: "the last row removed", found: [a, b, c, d, e], flaw: removed(6, 6, "de-e") },
    { what: "all rows removed", found: [], flaw: removed(1, 6, null) },
    {
      what: "the last rows removed and the end set back",
      found: [a, b, c],
      against: head(c),
      flaw: removed(4, 6, "de-c"),
    },
    { what: "the end alone set back", found: rows, against: head(c), flaw: { is: "head" } },
    {
      what: "the end of another log",
      found: rows,
      against: { ...head(f), head: { seq: 6, mac: other[5]?.mac ?? "", pruned: 0 } },
      flaw: { is: "head" },
    },
    {
      what: "rows of another log with this key",
      found: other,
      against: { head: { seq: 6, mac: other[5]?.mac ?? "", pruned: 0 }, seen: placeOf(d) },
      flaw: { is: "replaced", id: "de-d", at: a.at, seq: 4 },
    },
    {
      what: "a gap that ends too early",
      found: [a, e, f],
      against: { gaps: [gapOf(2, 3)] },
      flaw: removed(4, 4, "de-a"),
    },
    {
      what: "a row before a gap",
      found: [a, f],
      against: { gaps: [gapOf(3, 5)] },
      flaw: removed(2, 2, "de-a"),
    },
    {
      what: "a gap of another log",
      found: [a, b, d, e, f],
      against: { gaps: [{ ...gapOf(3, 3), before: "x" }] },
      flaw: removed(3, 3, "de-b"),
    },
  ])("names $what", ({ found, against, flaw }) => expect(flawOf(found, against)).toEqual(flaw));
});

test("joinGaps joins gaps with no row between them, and keeps apart what does not follow", () => {
  expect(joinGaps([gapOf(4, 4), gapOf(1, 2), gapOf(3, 3), gapOf(6, 6)])).toEqual([gapOf(1, 4), gapOf(6, 6)]);
  expect(joinGaps([gapOf(1, 2), { ...gapOf(3, 3), before: "x" }])).toHaveLength(2);
});

test("sealOfApproval differs with each column", () => {
  const row: AnsweredApproval = {
    approval_id: "ap-1",
    session_id: "se-1",
    agent_group_id: "ag-1",
    command: "members add",
    args: "{}",
    shown: "{}",
    consequence: null,
    preview: null,
    digest: "0",
    scope: "group",
    status: "approved",
    created_at: "1",
    expires_at: "2",
    answered_by: "user:local:ana",
    answered_at: "3",
    result: "{}",
    kind: "command",
    message_id: null,
    tool: null,
    input_hash: null,
    occurrence: null,
    question_id: null,
    asked_user_id: null,
  };
  const seals = Object.keys(row).map((column) => sealOfApproval(mac, { ...row, [column]: "x" }));
  expect(new Set([sealOfApproval(mac, row), ...seals]).size).toBe(Object.keys(row).length + 1);
});
