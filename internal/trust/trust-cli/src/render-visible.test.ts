import { expect, test } from "vitest";
import { plainPaint } from "@gatehouse/cli-kit";
import { renderDoctor } from "./render-doctor.ts";
import { renderConsents, renderReport, renderStatus } from "./render.ts";
import { visible } from "@gatehouse/std";

test.each([
  { name: "a", shown: "a" },
  { name: "👩‍👧 目录", shown: "👩‍👧 目录" },
  { name: "\u001b[2Jx", shown: "\\u{1b}[2Jx" },
  { name: "x\ntrusted", shown: "x\\u{a}trusted" },
  { name: "\u009b2J\u202eab", shown: "\\u{9b}2J\\u{202e}ab" },
  { name: "a\u200bb\u2066c\u{e0041}", shown: "a\\u{200b}b\\u{2066}c\\u{e0041}" },
])("$name is shown as $shown", ({ name, shown }) => {
  expect(visible(name)).toBe(shown);
});

test("escapes line ends and control characters in a folder's name", () => {
  const workspace = "/w/\u001b[2J\u202e\ntrusted          /etc";
  const text = `Nothing is recorded for ${workspace}.`;
  const report = renderReport(
    {
      version: 1,
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
          via: "none",
          diagnostics: [{ code: "recording-failed", message: text }],
          grants: [{ kind: "mcp-server", name: text, file: text }],
          launch: { args: [text], settings: {}, env: { HOME: text } },
          screen: text,
          recording: text,
          durationMs: 0,
          timings: { lockWaitMs: 0, spawnToDialogMs: 0, decideMs: 0, commitMs: 0, settleMs: 0 },
        },
      ],
    },
    plainPaint,
  );
  const status = renderStatus(
    {
      version: 1,
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
          grants: [{ kind: "mcp-server", name: text, file: text }],
        },
      ],
    },
    plainPaint,
  );
  const check = { ok: false, message: text, fix: text };
  const doctor = renderDoctor(
    {
      ok: false,
      warnings: [],
      checks: [{ name: "cli", ...check }],
      providers: [{ provider: "codex", needed: true, ...check }],
      verdict: text,
    },
    plainPaint,
  );
  const consents = renderConsents(
    {
      consents: [
        {
          id: "1",
          at: text,
          who: { name: text, uid: 0 },
          provider: "claude",
          cliVersion: text,
          folder: workspace,
          key: workspace,
          grants: [{ kind: "mcp-server", name: text, file: text }],
          via: "control",
          outcome: "trusted",
        },
      ],
      unreadable: 0,
    },
    plainPaint,
    text,
  );
  for (const written of [report, status, doctor, consents]) {
    expect(written).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expect(written).not.toMatch(/^trusted/m);
  }
});
