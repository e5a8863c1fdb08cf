import { plainPaint } from "@gatehouse/cli-kit";
import { describe, expect, test } from "vitest";
import { liveLines, type TableFrame, type TableRow } from "./live-table.ts";
import { renderMember } from "./render-launch.ts";
import { rowsOf } from "./show-progress.ts";

const now = Date.parse("2026-11-22T00:10:00Z");
const row = (member: string, state: string, seconds: number, why?: string): TableRow => ({
  member,
  provider: "claude",
  state,
  since: now - 1000 * seconds,
  ...(why === undefined ? {} : { why }),
});
const rendered = (members: readonly TableRow[], more: Partial<TableFrame> = {}) =>
  liveLines({ title: "Waiting", members, now, columns: 80, rows: 24, paint: plainPaint, ...more });

test("renderMember prints the warning and the fix for a member that keeps its old settings", () => {
  const warning = { code: "runs-as-it-was", message: "It runs on.", fix: "gatehouse stop shop/ana" };
  const ana = { member: "ana", provider: "claude", folder: "/a", state: "ready", warning } as const;
  expect(renderMember(ana, plainPaint)).toMatch(
    /^ready [^]*warning: It runs on\.\n[^]*fix: gatehouse stop shop\/ana/,
  );
});

describe("liveLines", () => {
  test("prints a row for each member: state, provider, time in this state, and question", () =>
    expect(
      rendered([
        row("ana", "ready", 3),
        { ...row("bernhard", "waiting", 400, "May I?\nYes"), provider: "codex" },
        row("cy", "starting", 12),
      ]),
    ).toEqual([
      "Waiting",
      "ready     ana       claude  3 s",
      "waiting   bernhard  codex   7 min  May I?",
      "starting  cy        claude  12 s",
    ]));

  test("is never wider than its terminal, not counting colours", () => {
    const paint = { ...plainPaint, bad: (text: string) => `<${text}>` };
    const lines = rendered([row("ana", "waiting", 3, "x".repeat(200))], { columns: 20, paint });
    expect(lines).toEqual(["Waiting", "<waiting  > ana  clau"]);
    expect(rendered([row("ana", "waiting", 3)], { columns: 5, title: "A long title" })).toEqual([
      "A lo",
      "wait",
    ]);
  });

  test("is never higher than its terminal, and counts the members that it omits", () => {
    const members = ["a", "b", "c", "d", "e"].map((name) => row(name, name === "e" ? "waiting" : "ready", 1));
    expect(rendered(members, { rows: 5 })).toEqual([
      "Waiting",
      "ready     a  claude  1 s",
      "ready     b  claude  1 s",
      "and 3 more: 2 ready, 1 waiting",
    ]);
    expect(rendered(members, { rows: 7 })).toHaveLength(6);
  });

  test("escapes control characters", () => {
    const lines = rendered([row("ana", "waiting", 1, "\x1b[2J")], { title: "\x1b]0;x\x07" });
    for (const control of ["\x1b", "\x07"]) expect(lines.join("")).not.toContain(control);
  });

  test("keeps the time of a member whose state has not changed", () => {
    const member = (state: "starting" | "ready") =>
      ({ member: "ana", provider: "claude", folder: "/a", state }) as const;
    const first = rowsOf([member("starting")], [], 100);
    expect(rowsOf([member("starting")], first, 200)).toMatchObject([{ since: 100 }]);
    expect(rowsOf([member("ready")], first, 200)).toMatchObject([{ state: "ready", since: 200 }]);
  });
});
