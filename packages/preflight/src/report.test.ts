import { describe, expect, test } from "vitest";
import { exitCodeOf, type PreflightReport } from "./report.ts";
import { codes, type Code, type Verdict } from "./verdict.ts";
import { nothingPressed, resultOf } from "./result-of.ts";
import type { PlannedFolder } from "./plan.ts";

const folder: PlannedFolder = {
  workspace: "/w",
  provider: "claude",
  paths: null,
  trustKey: "/w",
  grants: [],
  verdict: null,
  durationMs: 0,
};

const cli = { version: "2.1.328" };

const reportOf = (...given: readonly Code[]): PreflightReport => ({
  version: 1,
  ok: false,
  results: given.map((code) => ({ ...resultOf(folder, cli, { code: "cancelled" }), code })),
});

describe("exitCodeOf", () => {
  const rows: readonly { given: readonly Code[]; exit: number }[] = [
    { given: [], exit: 0 },
    { given: ["trusted", "covered-by-parent", "not-needed"], exit: 0 },
    { given: ["trusted", "sign-in-needed"], exit: 3 },
    { given: ["sign-in-needed", "timeout"], exit: 1 },
    { given: ["root-refused", "consent-needed"], exit: 1 },
    { given: ["timeout", "cancelled", "sign-in-needed"], exit: 130 },
  ];
  test.each(rows)("returns $exit for $given", ({ given, exit }) => {
    expect(exitCodeOf(reportOf(...given))).toBe(exit);
  });

  /** The table from the design document. */
  const design: { readonly [exit: number]: readonly Code[] } = {
    0: [
      "trusted",
      "already-trusted",
      "not-needed",
      "already-trusted-after-wait",
      "covered-by-parent",
      "passed-at-launch",
      "not-asked",
    ],
    3: [
      "version-not-proven",
      "sign-in-needed",
      "no-connection",
      "unknown-dialog",
      "consent-needed",
      "screen-reader-dialog",
    ],
    1: [
      "home-not-persistable",
      "root-refused",
      "not-a-folder",
      "untrusted-by-user",
      "grants-refused",
      "key-outside-folder",
      "cli-not-found",
      "cli-too-old",
      "pty-unavailable",
      "timeout",
      "lock-timeout",
      "trust-not-persisted",
      "trust-wider-than-planned",
      "control-unavailable",
      "not-asked-unproven",
      "state-unreadable",
      "cli-exited",
    ],
    130: ["cancelled"],
  };
  test("covers every code, and no other", () => {
    expect(Object.keys(codes).sort()).toEqual(Object.values(design).flat().sort());
    for (const [exit, list] of Object.entries(design))
      for (const code of list) expect(codes[code].exit).toBe(Number(exit));
  });
});

describe("resultOf", () => {
  const attempt = {
    verdict: { code: "cancelled" },
    screen: "a screen",
    timings: { lockWaitMs: 0.4, spawnToDialogMs: 1.6, decideMs: 0, commitMs: 0, settleMs: 0 },
    durationMs: 10.2,
    via: "dialog",
    ...nothingPressed,
    diagnostics: [],
  } as const;

  test("has the fields of the design in their order, and omits empty ones", () => {
    const verdict: Verdict = { code: "trusted", key: "/w" };
    expect(Object.keys(resultOf(folder, cli, verdict, attempt))).toEqual([
      "workspace",
      "provider",
      "cliVersion",
      "status",
      "code",
      "message",
      "trustKey",
      "via",
      "grants",
      "durationMs",
      "timings",
    ]);
  });

  test("shows the screen and names the dialog if a person must act", () => {
    const verdict: Verdict = { code: "consent-needed", dialog: "claude/api-key", consent: "api-key" };
    expect(resultOf(folder, cli, verdict, attempt)).toMatchObject({
      status: "blocked",
      dialog: "claude/api-key",
      screen: "a screen",
      fix: 'Pass `consents` api-key=use|refuse (one of them), or start "claude" in /w and answer it.',
    });
  });

  test.each([
    { startedAs: undefined, says: 'Start "claude" once in a terminal' },
    { startedAs: "/d/cli/claude", says: 'Start "/d/cli/claude" once in a terminal' },
  ])("has a fix with the command to type: $says", ({ startedAs, says }) => {
    const verdict: Verdict = { code: "sign-in-needed", dialog: "claude/theme" };
    expect(resultOf(folder, { ...cli, startedAs }, verdict, attempt).fix).toContain(says);
  });

  test("rounds its times to milliseconds", () => {
    const result = resultOf(folder, cli, { code: "cancelled" }, attempt);
    expect(result).toMatchObject({ durationMs: 10, timings: { lockWaitMs: 0, spawnToDialogMs: 2 } });
  });
});
