import { describe, expect, test } from "vitest";
import { patternMatches, patternProblem } from "./engage-pattern.ts";

describe("a pattern", () => {
  test.each([
    { pattern: ".", text: "", matches: true },
    { pattern: "^bot\\b", text: "bot, hello", matches: true },
    { pattern: "^bot\\b", text: "bottle", matches: false },
    { pattern: "(?i)\\bANA\\b", text: "hello ana", matches: true },
    { pattern: "\\u0041\\/(?<what>x)", text: "A/x", matches: true },
    { pattern: "a$", text: "a\n", matches: false },
  ])("$pattern on $text is matched as people write it: $matches", ({ pattern, text, matches }) => {
    expect(patternProblem(pattern)).toBeNull();
    expect(patternMatches(pattern, text)).toBe(matches);
  });

  test.each([
    { pattern: "", why: /^empty/ },
    { pattern: "(", why: /^not a regular expression of RE2.*missing closing \)/ },
    { pattern: "^(?!x)", why: /no look-around/ },
    { pattern: "(a)\\1", why: /no back reference/ },
    { pattern: "a{1000}", why: /^too large: \d+ instructions/ },
    { pattern: "((a{0,999}){0,999})+", why: /too large/ },
    { pattern: "a".repeat(513), why: /^longer than 512/ },
  ])("$pattern is refused with the reason, and matches nothing", ({ pattern, why }) => {
    expect(patternProblem(pattern)).toMatch(why);
    expect(patternMatches(pattern, "a")).toBeNull();
  });

  // With a backtracking engine each of these takes longer than the test may.
  test.each(["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){12}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
    "%s is answered though it is catastrophic for others",
    (pattern) => expect(patternMatches(pattern, `${"a".repeat(65_535)}!`)).toBeTypeOf("boolean"),
  );

  test("looks at the beginning of a long text, whose end is not taken for that of the text", () => {
    const long = `bot, ${"a".repeat(65_535)}`;
    expect(patternMatches("^bot", long)).toBe(true);
    expect(patternMatches("a$", long)).toBe(false);
    expect(patternMatches("^bot, a+$", `bot, ${"a".repeat(700)}`)).toBe(true);
  });
});
