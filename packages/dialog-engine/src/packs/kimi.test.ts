import { describe, expect, test } from "vitest";
import { nameOf, recordingsOf, shownIn } from "../node/recordings.fixture.ts";
import { observe } from "../rules/observe.ts";
import { kimiPack } from "./kimi.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust", shows: "trust ready" },
  { scenario: "trust-unanswered", shows: "trust" },
  { scenario: "mcp", shows: "trust ready" },
  { scenario: "sign-in", shows: "trust sign-in" },
];

const recordings = recordingsOf("kimi");

describe("the Kimi pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast, kimiPack)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  test.each(kimiPack.rules)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...kimiPack, rules: kimiPack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast, kimiPack))).toBe(true);
  });
});

/** Near misses, and screens without a recording here. */
const drawn: readonly { title: string; screen: string; seen: string }[] = [
  {
    title: "the pointer on the other option",
    screen:
      "────────────────────\n  Trust this folder?\n  ↑↓ navigate · Enter select · Esc exit\n  /w/proj\n\n  Project-level MCP servers are disabled until you explicitly choose Trust. Trust starts the listed project MCP\n  targets and remembers this folder.\n\n     Trust this folder\n     Enable project MCP servers. Remembered for this folder.\n   ❯ Don't trust\n     Exit Kimi Code. Asked again next launch.\n────────────────────",
    seen: "trust",
  },
  {
    title: "near miss: an unlisted description",
    screen:
      "────────────────────\n  Trust this folder?\n  ↑↓ navigate · Enter select · Esc exit\n  /w/proj\n\n   ❯ Trust this folder\n     Enable project MCP servers. Remembered for this folder and its parent.\n     Don't trust\n     Exit Kimi Code. Asked again next launch.",
    seen: "unknown",
  },
  {
    title: "near miss: only the footer and the options are the same",
    screen:
      "  Forget this folder?\n  ↑↓ navigate · Enter select · Esc exit\n\n   ❯ Trust this folder\n     Don't trust",
    seen: "unknown",
  },
  {
    title: "near miss: a composer without its status row",
    screen: "────────────────────\n > \n────────────────────",
    seen: "nothing",
  },
];

describe("the Kimi pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen }) => {
    expect(nameOf(observe(screen.split("\n"), kimiPack))).toBe(seen);
  });
});
