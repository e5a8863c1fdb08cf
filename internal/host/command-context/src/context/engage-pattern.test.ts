import { describe, expect, test } from "vitest";
import { patternMatches, patternProblem } from "./engage-pattern.ts";

describe("the engage pattern of a wiring", () => {
  test.each([
    { pattern: ".", text: "", matches: true },
    { pattern: "^bot\\b", text: "bot, hello", matches: true },
    { pattern: "^bot\\b", text: "bottle", matches: false },
    { pattern: "(?i)\\bANA\\b", text: "hello ana", matches: true },
    { pattern: "\\u0041\\/(?<what>x)", text: "A/x", matches: true },
    { pattern: "a$", text: "a\n", matches: false },
  ])("$pattern matches $text: $matches", ({ pattern, text, matches }) => {
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

  // A backtracking engine would exceed the time limit of the test with each of these.
  test.each(["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){12}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
    "%s takes linear time, unlike in a backtracking engine",
    (pattern) => expect(patternMatches(pattern, `${"a".repeat(65_535)}!`)).toBeTypeOf("boolean"),
  );

  test("a pattern matches only the beginning of a long text, and `$` does not match at the cut", () => {
    const long = `bot, ${"a".repeat(65_535)}`;
    expect(patternMatches("^bot", long)).toBe(true);
    expect(patternMatches("a$", long)).toBe(false);
    expect(patternMatches("^bot, a+$", `bot, ${"a".repeat(700)}`)).toBe(true);
  });
});
