import { describe, expect, test } from "vitest";
import { render, reportOf, type Row } from "./report.ts";

const row = (cli: string, scenario: string, rest: Partial<Row> = {}): Row => ({
  cli,
  scenario,
  outcome: "passed",
  problems: [],
  durationMs: 1_200,
  ...rest,
});

describe("reportOf", () => {
  test("counts each outcome, and is not ok only after a failure", () => {
    const rows = [row("a", "x"), row("a", "y", { outcome: "skipped" }), row("b", "x", { outcome: "failed" })];
    expect(reportOf(rows)).toMatchObject({ ok: false, passed: 1, failed: 1, skipped: 1 });
    expect(reportOf(rows.slice(0, 2))).toMatchObject({ ok: true, skipped: 1 });
  });
});

describe("render", () => {
  test("prints scenarios in rows, CLIs in columns, failures below in full, and the counts last", () => {
    const rows = [
      row("claude@1.0.0", "plain"),
      row("claude@1.0.0", "worktree", {
        outcome: "failed",
        problems: ["the code is a, not b\nand a screen"],
      }),
      row("claude@2.0.0", "plain", { durationMs: 12_345 }),
    ];
    expect(render(reportOf(rows))).toMatchInlineSnapshot(`
      "          claude@1.0.0  claude@2.0.0
      plain     pass  1.2 s   pass 12.3 s
      worktree  FAIL  1.2 s

      FAILED claude@1.0.0 worktree
          the code is a, not b
          and a screen

      2 passed, 1 failed"
    `);
  });

  test("prints a missing rung as a dash with its reason, and does not count it", () => {
    const none = { via: "control", outcome: "not-applicable", durationMs: 0 } as const;
    const rows = [
      row("claude@1.0.0", "plain", { via: "dialog" }),
      row("claude@1.0.0", "plain", { ...none, problems: ["1.0.0 has none."] }),
      row("claude@1.0.0", "sign-in", { ...none, problems: ["Nobody signs in there."] }),
      row("claude@2.0.0", "plain", { via: "dialog" }),
      row("claude@2.0.0", "plain", { via: "control" }),
      row("claude@2.0.0", "sign-in", { ...none, problems: ["Nobody signs in there."] }),
    ];
    expect(render(reportOf(rows))).toMatchInlineSnapshot(`
      "                     claude@1.0.0  claude@2.0.0
      plain                pass  1.2 s   pass  1.2 s
      plain, by control    -             pass  1.2 s
      sign-in, by control  -             -

      NOT BY CONTROL: 1.0.0 has none.
          plain

      NOT BY CONTROL: Nobody signs in there.
          sign-in

      3 passed, 0 failed"
    `);
  });

  test("names skipped scenarios, with the reason once", () => {
    const skipped = {
      outcome: "skipped",
      problems: ["the registry cannot be reached"],
      durationMs: 0,
    } as const;
    const text = render(
      reportOf([row("claude@1.0.0", "plain", skipped), row("claude@1.0.0", "mcp", skipped)]),
    );
    expect(text).toContain("SKIPPED claude@1.0.0: the registry cannot be reached\n    plain, mcp");
    expect(text.endsWith("0 passed, 0 failed, 2 skipped")).toBe(true);
  });
});
