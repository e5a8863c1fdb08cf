import { describe, expect, test } from "vitest";
import { nameOf, recordingsOf, shownIn } from "../node/recordings.fixture.ts";
import { observe } from "../rules/observe.ts";
import { piPack } from "./pi.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust", versions: ["0.79.0"], shows: "trust-instructions ready" },
  { scenario: "trust", shows: "trust ready" },
  { scenario: "trust-unanswered", versions: ["0.79.0"], shows: "trust-instructions" },
  { scenario: "trust-unanswered", shows: "trust" },
  { scenario: "never-asked", shows: "ready" },
  { scenario: "ready", shows: "ready" },
  { scenario: "sign-in", shows: "sign-in" },
];

const recordings = recordingsOf("pi");

describe("the pi pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast, piPack)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  test.each(piPack.rules)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...piPack, rules: piPack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast, piPack))).toBe(true);
  });
});

const rule = "─".repeat(40);
const above = [rule, "", " Trust project folder?", " /w/proj", ""];
const says =
  " This allows pi to load .pi settings and resources, install missing project packages, and execute project extensions.";
const options = [
  " → Trust",
  "   Trust parent folder (/w)",
  "   Trust (this session only)",
  "   Do not trust",
  "   Do not trust (this session only)",
];
const below = ["", " ↑↓ navigate  enter select  escape/ctrl+c cancel", "", rule];
const status = ["/w/proj", "0.0%/200k (auto)                      some-model"];

/** Near misses, and screens without a recording here. */
const drawn: readonly { title: string; rows: readonly string[]; seen: string }[] = [
  {
    title: "the pointer on another option",
    rows: [
      ...above,
      says,
      "",
      "   Trust",
      ...options.slice(1, 3),
      " → Do not trust",
      ...options.slice(4),
      ...below,
    ],
    seen: "trust",
  },
  {
    title: "near miss: an unlisted option",
    rows: [...above, says, "", ...options, "   Trust everything", ...below],
    seen: "unknown",
  },
  {
    title: "near miss: the last option is not drawn yet",
    rows: [...above, says, "", ...options.slice(0, 4), ...below],
    seen: "unknown",
  },
  {
    title: "near miss: it asks for more permissions",
    rows: [...above, says, " It also allows pi to run shell commands.", "", ...options, ...below],
    seen: "unknown",
  },
  {
    title: "near miss: the list of /trust, which asks nothing",
    rows: [
      ...[
        rule,
        "",
        " Project trust",
        " /w/proj",
        "",
        " Saved decision: none",
        " Current session: trusted",
        "",
      ],
      ...[" → Trust", "   Do not trust", "", " ↑↓ navigate  enter save  escape/ctrl+c cancel", "", rule],
    ],
    seen: "unknown",
  },
  { title: "a composer with a model", rows: [rule, "", rule, ...status], seen: "ready" },
  {
    title: "near miss: a composer without its status row",
    rows: [rule, "", rule, "/w/proj"],
    seen: "nothing",
  },
  { title: "near miss: a status row without a composer", rows: ["", "", ...status], seen: "nothing" },
  { title: "near miss: only the upper rule is drawn", rows: [rule, "", "", ...status], seen: "nothing" },
];

describe("the pi pack reads", () => {
  test.each(drawn)("$title", ({ rows, seen }) => {
    expect(nameOf(observe(rows, piPack))).toBe(seen);
  });
});
