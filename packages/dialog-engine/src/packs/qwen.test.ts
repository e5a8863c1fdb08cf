import { describe, expect, test } from "vitest";
import { nameOf, recordingsOf, shownIn } from "../node/recordings.fixture.ts";
import { observe } from "../rules/observe.ts";
import { qwenPack } from "./qwen.ts";

/** The screens of each recorded scenario, written by hand, in the named versions; without versions: in all others. */
const expected: readonly { scenario: string; versions?: string[]; shows: string }[] = [
  { scenario: "trust", versions: ["0.15.10"], shows: "trust ready" },
  { scenario: "trust", shows: "trust restarting ready" },
  { scenario: "trust-unanswered", shows: "trust" },
  { scenario: "provider", versions: ["0.15.10"], shows: "sign-in" },
  { scenario: "provider", shows: "provider" },
];

const recordings = recordingsOf("qwen");

describe("the Qwen pack reads every recording of the real program", () => {
  test.each(recordings)("$file", ({ version, scenario, cast }) => {
    const row = expected.find(
      (row) => row.scenario === scenario && (row.versions?.includes(version) ?? true),
    );
    expect(shownIn(cast, qwenPack)).toBe(row?.shows ?? `no row is written for "${scenario}"`);
  });

  test.each(qwenPack.rules)("reads a recording differently without the rule $id", ({ id }) => {
    const without = { ...qwenPack, rules: qwenPack.rules.filter((rule) => rule.id !== id) };
    expect(recordings.some(({ cast }) => shownIn(cast, without) !== shownIn(cast, qwenPack))).toBe(true);
  });
});

/** Near misses, and screens without a recording here. */
const drawn: readonly { title: string; screen: string; seen: string }[] = [
  {
    title: "near miss: Gemini asks the same with its own name",
    screen:
      " Do you trust this folder?\n Trusting a folder allows Gemini to execute commands it suggests.\n\n › 1. Trust folder (proj)\n   2. Trust parent folder (w)\n   3. Don't trust (esc)",
    seen: "unknown",
  },
  {
    title: "near miss: an unlisted option",
    screen:
      " Do you trust this folder?\n Trusting a folder allows Qwen Code to execute commands it suggests.\n\n › 1. Trust folder (proj)\n   2. Trust folder and all below it\n   3. Don't trust (esc)",
    seen: "unknown",
  },
  {
    title: "an answered dialog above the message of the restart",
    screen:
      " Do you trust this folder?\n Trusting a folder allows Qwen Code to execute commands it suggests.\n\n › 1. Trust folder (proj)\n   2. Trust parent folder (w)\n   3. Don't trust (esc)\n\n Qwen Code is restarting to apply the trust changes...",
    seen: "restarting",
  },
  {
    title: "a reply of two rows behind its bullet",
    screen:
      " ● The bug is in the parser.\n   It is mended now.\n\n────────────────────\n>   Type your message or @path/to/file\n────────────────────\n  ? for shortcuts",
    seen: "ready",
  },
  {
    title: "near miss: a bullet in front of a number, which is a pointer",
    screen:
      " Which one?\n\n ● 1. This one\n   2. That one\n\n────────────────────\n>   Type your message or @path/to/file\n────────────────────\n  ? for shortcuts",
    seen: "unknown",
  },
  {
    title: "near miss: it is still starting",
    screen:
      "────────────────────\n>   Type your message or @path/to/file\n────────────────────\n  ⠋ Initializing...",
    seen: "nothing",
  },
  {
    title: "near miss: the next page of the account set-up",
    screen:
      "  Alibaba ModelStudio · Access Method\n\n  › Coding Plan\n    For individual developers\n\n    Token Plan\n    For teams and companies",
    seen: "unknown",
  },
];

describe("the Qwen pack reads", () => {
  test.each(drawn)("$title", ({ screen, seen }) => {
    expect(nameOf(observe(screen.split("\n"), qwenPack))).toBe(seen);
  });
});
