import { limits } from "../wire/limits.ts";
import type { Unsafe } from "../problems/problem.ts";

// A lone surrogate becomes a different character when encoded as UTF-8.
const loneSurrogate = /\p{Surrogate}/u;
// Control characters can move a terminal's cursor or end a C string. Tab and line ends are allowed.
const controlCharacter = /[^\P{Control}\t\n\r]/u;

export const unsafeText = (text: string): Unsafe | null => {
  if (text.length > limits.text) return "too-long";
  if (controlCharacter.test(text)) return "control-character";
  return loneSurrogate.test(text) ? "ill-formed-text" : null;
};

/**
 * `__proto__` is refused because some ways of copying an object change its prototype. Keys such as
 * `constructor` are harmless as own keys.
 */
const unsafeKey = (key: string): Unsafe | null => (key === "__proto__" ? "reserved-key" : unsafeText(key));

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * The reason to refuse a value: its text differs from what a terminal shows, or it exceeds `limits`. Null if
 * the value is safe.
 */
export const unsafeValue = (value: unknown): Unsafe | null => {
  let left: number = limits.values;
  const visit = (each: unknown, depth: number): Unsafe | null => {
    left -= 1;
    if (left < 0) return "too-many";
    if (typeof each === "string") return unsafeText(each);
    if (typeof each === "number") return Number.isFinite(each) ? null : "not-json";
    if (each === null || typeof each === "boolean") return null;
    if (typeof each !== "object") return "not-json";
    if (depth === limits.depth) return "too-deep";
    if (Array.isArray(each)) return first(each, (item) => visit(item, depth + 1));
    if (!isPlain(each)) return "not-json";
    return first(Object.entries(each), ([key, item]) => unsafeKey(key) ?? visit(item, depth + 1));
  };
  return visit(value, 0);
};

const first = <T>(items: readonly T[], check: (item: T) => Unsafe | null): Unsafe | null => {
  for (const item of items) {
    const found = check(item);
    if (found !== null) return found;
  }
  return null;
};
