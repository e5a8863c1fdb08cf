import { describe, expect, test } from "vitest";
import { nameOf, recordingsOf, shownIn } from "../node/recordings.fixture.ts";
import { observe } from "../rules/observe.ts";
import { copilotPack } from "./copilot.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust", shows: "trust sign-in" },
  { scenario: "trust-unanswered", shows: "trust" },
  { scenario: "trusted", shows: "sign-in" },
];

const recordings = recordingsOf("copilot");

describe("the Copilot pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast, copilotPack)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  const recorded = copilotPack.rules.filter(({ id }) => id !== "copilot/ready");
  test.each(recorded)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...copilotPack, rules: copilotPack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast, copilotPack))).toBe(true);
  });
});

/** Near misses, and screens without a recording here: a usable composer needs an account. */
const drawn: readonly { title: string; screen: string; seen: string }[] = [
  {
    title: "the composer of a signed-in user",
    screen:
      "────────────────────\n❯ \n────────────────────\n ← open sidebar · Interactive · / commands · ? help · tab next tab",
    seen: "ready",
  },
  {
    title: "near miss: it is still loading",
    screen: "────────────────────\n❯ \n────────────────────\n ● Loading: 2 skills",
    seen: "nothing",
  },
  {
    title: "bullets of its transcript above the composer, which are no list",
    screen:
      " ● Tip: /app\n   └ Prefer a visual workspace?\n\n ● Folder /w/proj has been added to trusted folders.\n────────────────────\n❯ \n────────────────────\n ← open sidebar · ? help",
    seen: "ready",
  },
  {
    title: "its own placeholder, wrapped, as others captured it",
    screen:
      "────────────────────\n❯ Type @ to mention files, # for issues/PRs, / for commands, or ? for\n  shortcuts\n────────────────────\n autopilot · / commands     Claude Sonnet 4.6 · (0%)",
    seen: "ready",
  },
  {
    title: "a prompt of two lines that was sent, above the composer in plan mode",
    screen:
      "❯ Fix the bug\n  and run the tests\n\n────────────────────\n❯ \n────────────────────\n plan · / commands",
    seen: "ready",
  },
  {
    title: "near miss: a list in the composer's column, with a row that names its keys",
    screen:
      "❯ This one\n  That one\n\n enter to select\n────────────────────\n❯ \n────────────────────\n plan · / commands",
    seen: "unknown",
  },
  {
    title: "near miss: an unlisted option",
    screen:
      "╭────────────────────────────╮\n│ Confirm folder trust       │\n│ ╭────────────────────────╮ │\n│ │ /w/proj                │ │\n│ ╰────────────────────────╯ │\n│ Do you trust the files in this folder? │\n│                            │\n│ ❯ 1. Yes                   │\n│   2. Yes, and remember this folder for future sessions │\n│   3. Yes, and every folder below it │\n│   4. No (Esc)              │\n│ enter to select            │\n╰────────────────────────────╯",
    seen: "unknown",
  },
  {
    title: "near miss: the same options below another question",
    screen:
      "╭────────────────────────────╮\n│ Confirm folder removal       │\n│ ╭────────────────────────╮ │\n│ │ /w/proj                │ │\n│ ╰────────────────────────╯ │\n│ Do you delete the files in this folder? │\n│                            │\n│ ❯ 1. Yes                   │\n│   2. No (Esc)              │\n│ enter to select            │\n╰────────────────────────────╯",
    seen: "unknown",
  },
];

describe("the Copilot pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen }) => {
    expect(nameOf(observe(screen.split("\n"), copilotPack))).toBe(seen);
  });
});
