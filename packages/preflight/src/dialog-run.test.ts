import { describe, expect, test } from "vitest";
import type { DriveEnding, DriveResult, DriveEvent } from "@trust/dialog-engine";
import { verdictOf, hasConfirmed, timingsFrom, type RunFacts } from "./dialog-run.ts";
import type { Verdict } from "./verdict.ts";

const run = (ending: DriveEnding): DriveResult => ({
  ...ending,
  screen: [],
  dialogs: [],
  keys: 0,
  durationMs: 0,
});
const facts: RunFacts = {
  trustKey: "/w",
  file: "/h/.claude.json",
  timeoutMs: 15_000,
  hasConfirmed: false,
  isTrusted: false,
  unasked: "not-asked-unproven",
  wider: [],
  refusal: null,
};
const notWritten = {
  code: "trust-not-persisted",
  reason: { type: "not-written" },
  file: facts.file,
} as const;

const rows: readonly { name: string; ending: DriveEnding; facts?: Partial<RunFacts>; verdict: Verdict }[] = [
  {
    name: "our key, and the state trusts the folder",
    ending: { outcome: "proven" },
    facts: { hasConfirmed: true, isTrusted: true },
    verdict: { code: "trusted", key: "/w" },
  },
  {
    name: "no key of ours, and the state trusts the folder",
    ending: { outcome: "proven" },
    facts: { isTrusted: true },
    verdict: { code: "already-trusted-after-wait", key: "/w" },
  },
  {
    name: "killed after it wrote",
    ending: { outcome: "exited", exitCode: 0, signal: 9 },
    facts: { hasConfirmed: true, isTrusted: true },
    verdict: { code: "trusted", key: "/w" },
  },
  {
    name: "killed before it wrote",
    ending: { outcome: "exited", exitCode: 0, signal: 9 },
    facts: { hasConfirmed: true },
    verdict: { code: "cli-exited", exitCode: 0, signal: 9 },
  },
  {
    name: "a composer after our key, and nothing on disk",
    ending: { outcome: "ready-unproven" },
    facts: { hasConfirmed: true },
    verdict: notWritten,
  },
  {
    name: "a dialog after our key, and nothing on disk",
    ending: { outcome: "blocked", code: "consent-needed", dialog: "claude/api-key", consent: "api-key" },
    facts: { hasConfirmed: true },
    verdict: notWritten,
  },
  {
    name: "a timeout after our key",
    ending: { outcome: "timeout", limit: "total" },
    facts: { hasConfirmed: true },
    verdict: notWritten,
  },
  {
    name: "a composer without a question",
    ending: { outcome: "ready-unproven" },
    verdict: { code: "not-asked-unproven", key: "/w", file: facts.file },
  },
  {
    name: "a composer without a question, of a CLI that asks about some folders only",
    ending: { outcome: "ready-unproven" },
    facts: { unasked: "not-asked" },
    verdict: { code: "not-asked", why: "It reached its prompt without asking for trust." },
  },
  {
    name: "our key, and an unplanned trust key",
    ending: { outcome: "proven" },
    facts: { hasConfirmed: true, isTrusted: true, wider: ["/"] },
    verdict: { code: "trust-wider-than-planned", planned: "/w", keys: ["/"], file: facts.file },
  },
  {
    name: "cancelled after an answer that recorded another key than planned",
    ending: { outcome: "cancelled" },
    facts: { hasConfirmed: true, wider: ["/", "/srv"] },
    verdict: { code: "trust-wider-than-planned", planned: "/w", keys: ["/", "/srv"], file: facts.file },
  },
  {
    name: "a dialog without consent",
    ending: { outcome: "blocked", code: "consent-needed", dialog: "claude/api-key", consent: "api-key" },
    verdict: { code: "consent-needed", dialog: "claude/api-key", consent: "api-key" },
  },
  {
    name: "a timeout",
    ending: { outcome: "timeout", limit: "phase" },
    verdict: { code: "timeout", limit: "phase", timeoutMs: 15_000 },
  },
  { name: "cancelled by the caller", ending: { outcome: "cancelled" }, verdict: { code: "cancelled" } },
  {
    name: "stopped by us with a verdict",
    ending: { outcome: "cancelled" },
    facts: { refusal: { code: "lock-timeout", file: "/f", holder: null, waitedMs: 60_000 } },
    verdict: { code: "lock-timeout", file: "/f", holder: null, waitedMs: 60_000 },
  },
];

describe("verdictOf", () => {
  test.each(rows)("$name: $verdict.code", ({ ending, facts: more, verdict }) => {
    expect(verdictOf(run(ending), { ...facts, ...more })).toEqual(verdict);
  });
});

const dialog = (at: number): DriveEvent => ({ type: "dialog", at, dialog: "claude/trust" });
const turn = (at: number, state: "asked" | "taken"): DriveEvent => ({ type: "turn", at, state });
const key = (at: number, name: "down" | "enter"): DriveEvent => ({
  type: "key",
  at,
  key: name,
  data: "",
  dialog: "claude/trust",
  why: "",
});
const end = (at: number): DriveEvent => ({ type: "end", at, outcome: "proven" });

const whole = [
  dialog(150),
  key(350, "down"),
  turn(400, "asked"),
  turn(460, "taken"),
  key(461, "enter"),
  end(500),
];

describe("timingsFrom", () => {
  test("splits a whole run into its stages", () => {
    expect(timingsFrom(whole, { startMs: 10, settleMs: 7 })).toEqual({
      spawnToDialogMs: 160,
      decideMs: 250,
      lockWaitMs: 60,
      commitMs: 40,
      settleMs: 7,
    });
  });

  test("counts a turn that never came as waiting", () => {
    const waiting = [dialog(150), turn(400, "asked"), end(900)];
    expect(timingsFrom(waiting, { startMs: 0, settleMs: 0 })).toMatchObject({ lockWaitMs: 500, commitMs: 0 });
  });

  test("is 0 for a stage that was not reached", () => {
    const none = { spawnToDialogMs: 0, decideMs: 0, lockWaitMs: 0, commitMs: 0, settleMs: 1 };
    expect(timingsFrom([end(900)], { startMs: 10, settleMs: 1 })).toEqual(none);
  });
});

describe("hasConfirmed", () => {
  test("is true only for an Enter during our turn", () => {
    expect(hasConfirmed(whole)).toBe(true);
    expect(hasConfirmed([dialog(1), key(2, "enter"), turn(3, "asked"), turn(4, "taken"), end(5)])).toBe(
      false,
    );
    expect(hasConfirmed([turn(3, "asked"), turn(4, "taken"), key(5, "down")])).toBe(false);
  });
});
