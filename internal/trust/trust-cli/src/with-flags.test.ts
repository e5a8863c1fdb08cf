import { expect, test } from "vitest";
import { agentClis, explain, type Verdict } from "@trust/preflight";
import { plainPaint } from "@gatehouse/cli-kit";
import { renderReport } from "./render.ts";
import { withFlags } from "./with-flags.ts";

const file = "/h/state";
const { claude, codex, kimi } = agentClis;
const rows: readonly { readonly verdict: Verdict; readonly cli?: typeof claude; readonly says: string }[] = [
  { verdict: { code: "timeout", limit: "total", timeoutMs: 1 }, says: "give it more time with --timeout," },
  {
    verdict: { code: "consent-needed", dialog: "claude/mcp-server", consent: "mcp" },
    says: "Pass --consent mcp=use|refuse (one of them), or",
  },
  {
    verdict: { code: "consent-needed", dialog: "x", consent: "persist" },
    says: "Pass --persist to have it record",
  },
  { verdict: { code: "unknown-dialog", dialog: "x" }, says: "With --record DIR the recording" },
  { verdict: { code: "grants-refused", grants: [] }, says: "or leave --refuse-grants out" },
  { verdict: { code: "cli-not-found", looked: "x" }, says: "(or name it with --claude PATH)" },
  { verdict: { code: "cli-not-found", looked: "x" }, cli: kimi, says: "(or name it with --cli kimi=PATH)" },
  { verdict: { code: "control-unavailable", why: "x" }, says: "Leave --via out:" },
  { verdict: { code: "control-unavailable", why: "x" }, cli: codex, says: "Leave --persist out:" },
  {
    verdict: { code: "trust-not-persisted", file, reason: { type: "ledger-not-writable", detail: "x" } },
    says: "name another with --data DIR",
  },
  {
    verdict: { code: "trust-not-persisted", file, reason: { type: "not-repeatable", detail: "x" } },
    says: "named with --codex PATH",
  },
];

test.each(rows)("the fix of $verdict.code names flags: $says", ({ verdict, cli = claude, says }) => {
  const { fix = "" } = explain(verdict, { workspace: "/w", cli });
  expect(withFlags(fix)).toContain(says);
  expect(fix).not.toContain("--");
});

test.each(["Run `workspace-trust doctor`.", "in `constructor`", "timeoutMs", "`/w/timeoutMs`"])(
  "keeps %s, which names no field",
  (text) => {
    expect(withFlags(text)).toBe(text);
  },
);

test("the printed report names flags in message and fix", () => {
  const { message, fix = "" } = explain(
    { code: "grants-refused", grants: [] },
    { workspace: "/w", cli: claude },
  );
  const shown = renderReport(
    {
      version: 1,
      ok: false,
      results: [
        {
          workspace: "/w",
          provider: "claude",
          cliVersion: null,
          status: "blocked",
          code: "grants-refused",
          message,
          fix,
          trustKey: "/w",
          via: "none",
          grants: [],
          durationMs: 0,
          timings: { lockWaitMs: 0, spawnToDialogMs: 0, decideMs: 0, commitMs: 0, settleMs: 0 },
        },
      ],
    },
    plainPaint,
  );
  expect(shown).toContain("which --refuse-grants refuses.");
  expect(shown).toContain("fix: Review and remove them, or leave --refuse-grants out.");
});
