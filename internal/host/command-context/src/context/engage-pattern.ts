import { RE2JS, RE2JSException } from "re2js";

/**
 * Maximum number of steps of one match. The engine needs about one step for each character of the text times
 * each instruction of the pattern, and does 100,000 steps in 10 to 25 ms.
 */
const mostSteps = 100_000;

/** Maximum number of instructions of a compiled pattern. `\b(hey|hi|hello)[, ]+(ana|bot)\b` has 30. */
const largestProgram = 128;

/** Maximum number of characters of a pattern. A longer one is not compiled. */
const longestPattern = 512;

/** Maximum number of compiled patterns that are kept. */
const mostKept = 256;

type Compiled =
  | { readonly ok: true; readonly value: RE2JS; readonly mostCharacters: number }
  | { readonly ok: false; readonly why: string };

const kept = new Map<string, Compiled>();

/**
 * Why the agent of a wiring cannot use a pattern, as the end of a sentence ("is ..."); null if it can.
 * Patterns are those of RE2, which matches in linear time: no `(?=`, no `(?<!`, no `\1`.
 */
export const patternProblem = (pattern: string): string | null => {
  if (pattern === ".") return null;
  const compiled = compile(pattern);
  return compiled.ok ? null : compiled.why;
};

/**
 * Whether a text matches a pattern; null for a pattern that cannot be used. Only the first characters of a
 * long text are matched, at least 781, so that the sender of a long text cannot block the host.
 */
export const patternMatches = (pattern: string, text: string): boolean | null => {
  if (pattern === ".") return true;
  const compiled = keptOrCompiled(pattern);
  return compiled.ok ? compiled.value.test(beginning(text, compiled.mostCharacters)) : null;
};

/**
 * The first characters of a text. A cut text ends with a NUL, which no message has, so that `$` does not
 * match.
 */
const beginning = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}\0`;

const keptOrCompiled = (pattern: string): Compiled => {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  const compiled = compile(pattern);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= mostKept) kept.delete(oldest);
  kept.set(pattern, compiled);
  return compiled;
};

const compile = (pattern: string): Compiled => {
  if (pattern === "") return { ok: false, why: "empty" };
  if (pattern.length > longestPattern) return { ok: false, why: `longer than ${longestPattern} characters` };
  const value = parsed(pattern);
  if (typeof value === "string") return { ok: false, why: value };
  const size = value.programSize();
  if (size > largestProgram)
    return { ok: false, why: `too large: ${size} instructions, at most ${largestProgram}` };
  return { ok: true, value, mostCharacters: Math.floor(mostSteps / size) };
};

/**
 * The compiled pattern, or why it is invalid. The JavaScript forms `\u0041` and `(?<name>` are also accepted.
 */
const parsed = (pattern: string): RE2JS | string => {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error.message.replace(/^error parsing regexp: /, "");
    return `not a regular expression of RE2, which has no look-around and no back references (${why})`;
  }
};
