import { describe, expect, test } from "vitest";
import type { RulePack } from "../rules/rule.ts";
import { createFakeTui, type FakeNext, type FakeScreen } from "../testing/fake-tui.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { createMemoryTerminal } from "../testing/memory-terminal.ts";
import { driveDialogs } from "./drive-dialogs.ts";
import type { DriveOptions, DriveResult } from "./drive-types.ts";

type Kind = "licence" | "reports";

const select = { type: "select", memory: "retry", seenIn: ["1.4.0"], why: "The first one is no." } as const;
const pack: RulePack<Kind> = {
  provider: "acme",
  deadWindowMs: 100,
  readyStandsMs: 500,
  rules: [
    {
      ...select,
      id: "acme/licence",
      kind: "licence",
      title: "Do you agree?",
      want: { agree: ["I agree"] },
      never: ["Quit"],
    },
    {
      ...select,
      id: "acme/reports",
      kind: "reports",
      title: "Send reports?",
      want: { no: ["Never"] },
      never: ["Always"],
    },
  ],
};

const question = (id: string, title: string, options: string[], next: FakeNext): FakeScreen => ({
  id,
  options,
  draw: (pointed) => [title, "", ...options.map((label, at) => `${at === pointed ? ">" : " "} ${label}`)],
  confirm: () => next,
});
const licence = (next: FakeNext): FakeScreen =>
  question("licence", "Do you agree?", ["Quit", "I agree"], next);
const reports = (next: FakeNext): FakeScreen =>
  question("reports", "Send reports?", ["Always", "Never"], next);
const colour = question("colour", "Which colour?", ["Red", "Blue"], { exit: 1 });
const work = (then: Partial<FakeScreen> = {}): FakeScreen => ({
  id: "work",
  options: [],
  draw: () => ["working on part 1"],
  ...then,
});

const run = async (
  screens: readonly FakeScreen[],
  options: Partial<DriveOptions<Kind>> = {},
): Promise<DriveResult<Kind>> => {
  const clock = createManualClock();
  const { terminal } = createFakeTui(screens, clock);
  const consents = { licence: "agree", reports: "no" };
  return clock.runUntil(driveDialogs({ terminal, clock, pack, consents, until: "answered", ...options }));
};

describe("until: answered", () => {
  const later = (afterMs: number): FakeScreen => work({ then: { afterMs, show: "reports" } });
  test.each<{ title: string; screens: readonly FakeScreen[]; keys: number }>([
    { title: "continues after one question", screens: [licence({ show: "work" }), work()], keys: 2 },
    { title: "exits with 0", screens: [licence({ exit: 0 })], keys: 2 },
    {
      title: "asks a second question a little later",
      screens: [licence({ show: "work" }), later(400), reports({ exit: 0 })],
      keys: 4,
    },
  ])("ends as answered when the program $title", async ({ screens, keys }) => {
    expect(await run(screens)).toMatchObject({ outcome: "answered", keys });
  });

  test("ends only after the screen was unchanged for the pack's readyStandsMs", async () => {
    const { durationMs } = await run([licence({ show: "work" }), work()]);
    expect(durationMs).toBeGreaterThanOrEqual(pack.readyStandsMs);
  });

  test.each<{ title: string; screens: readonly FakeScreen[]; ends: object }>([
    {
      title: "continues without a question",
      screens: [work()],
      ends: { outcome: "timeout", limit: "phase" },
    },
    {
      title: "exits with a code other than 0",
      screens: [licence({ exit: 3 })],
      ends: { outcome: "exited", exitCode: 3 },
    },
    {
      title: "asks a question that no rule matches",
      screens: [licence({ show: "colour" }), colour],
      ends: { outcome: "blocked", code: "unknown-dialog", keys: 2 },
    },
  ])("does not end as answered when the program $title", async ({ screens, ends }) => {
    expect(await run(screens)).toMatchObject(ends);
  });

  test.each([
    { title: "an unanswered question", endsAtMs: 50, keys: 0 },
    { title: "its second question, after the first one was answered", endsAtMs: 1_000, keys: 1 },
  ])("does not end as answered when the program exits with 0 on $title", async ({ endsAtMs, keys }) => {
    const clock = createManualClock();
    const terminal = createMemoryTerminal(({ print, exit }) => {
      print("Do you agree?\r\n\r\n> I agree\r\n  Quit");
      clock.after(endsAtMs, () => exit({ exitCode: 0 }));
      return { onInput: () => print("\x1b[H\x1b[2JWhich colour?\r\n\r\n> Red\r\n  Blue") };
    });
    const driven = driveDialogs({ terminal, clock, pack, consents: { licence: "agree" }, until: "answered" });
    expect(await clock.runUntil(driven)).toMatchObject({ outcome: "exited", exitCode: 0, keys });
  });

  test.each(["ready", "proof"] as const)("until: %s never ends as answered", async (until) => {
    expect(await run([licence({ exit: 0 })], { until })).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(await run([licence({ show: "work" }), work()], { until })).toMatchObject({ outcome: "timeout" });
  });
});
