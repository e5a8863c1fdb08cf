import { limits } from "../wire/limits.ts";
import type { Unsafe } from "../problems/problem.ts";

// It becomes another text once it is UTF-8.
const loneSurrogate = /\p{Surrogate}/u;
// They move a terminal's cursor or end a C string. Tab and line ends may stay.
const controlCharacter = /[^\P{Control}\t\n\r]/u;

export const unsafeText = (text: string): Unsafe | null => {
  if (text.length > limits.text) return "too-long";
  if (controlCharacter.test(text)) return "control-character";
  return loneSurrogate.test(text) ? "ill-formed-text" : null;
};

/** `constructor` and its like are harmless as own keys; this one is not in every way of copying an object. */
const unsafeKey = (key: string): Unsafe | null => (key === "__proto__" ? "reserved-key" : unsafeText(key));

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Why a value is not let through to anybody: text that is not what it looks like, or more than `limits`. Null if nothing is wrong. */
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
