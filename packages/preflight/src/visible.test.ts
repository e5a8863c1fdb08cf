import { expect, test } from "vitest";
import { plainPaint, renderReport, renderStatus } from "./render.ts";
import { visible } from "./visible.ts";

test.each([
  { name: "a", shown: "a" },
  { name: "👩‍👧 目录", shown: "👩‍👧 目录" },
  { name: "\u001b[2Jx", shown: "\\u{1b}[2Jx" },
  { name: "x\ntrusted", shown: "x\\u{a}trusted" },
  { name: "\u009b2J\u202eab", shown: "\\u{9b}2J\\u{202e}ab" },
])("$name is shown as $shown", ({ name, shown }) => {
  expect(visible(name)).toBe(shown);
});

test("a folder's name writes no row of its own, and reaches no terminal as a command", () => {
  const workspace = "/w/\u001b[2J\ntrusted          /etc";
  const text = `Nothing is recorded for ${workspace}.`;
  const report = renderReport(
    {
      ok: false,
      results: [
        {
          workspace,
          provider: "claude",
          cliVersion: null,
          status: "blocked",
          code: "not-a-folder",
          message: text,
          fix: text,
          trustKey: null,
          diagnostics: [{ code: "recording-failed", message: text }],
          grants: [],
          durationMs: 0,
          timings: { lockWaitMs: 0, spawnToDialogMs: 0, decideMs: 0, commitMs: 0, settleMs: 0 },
        },
      ],
    },
    plainPaint,
  );
  const status = renderStatus(
    {
      ok: false,
      results: [
        {
          workspace,
          provider: "claude",
          state: "untrusted",
          code: "no-key",
          key: null,
          file: "f",
          why: text,
        },
      ],
    },
    plainPaint,
  );
  for (const written of [report, status]) {
    expect(written).not.toContain("\u001b");
    expect(written).not.toMatch(/^trusted/m);
  }
});
