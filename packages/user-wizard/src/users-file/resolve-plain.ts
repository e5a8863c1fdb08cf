const words = new Map<string, null | boolean | number>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
]);

const integer = /^[-+]?[0-9]+$/;
const radix = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/;

/** The value of a plain (unquoted) scalar by the core schema, YAML 1.2 section 10.3.2. */
export const resolvePlain = (text: string): string | number | boolean | null => {
  const first = text.charCodeAt(0);
  // Most values begin with a letter that cannot begin a number: 0-9, + - . come first in ASCII.
  if (first > 57) return words.get(text) ?? (words.has(text) ? null : text);
  const word = words.get(text);
  if (word !== undefined) return word;
  if (integer.test(text) || radix.test(text) || float.test(text)) return Number(text);
  const sign = infinity.exec(text)?.[1];
  return sign === undefined ? text : sign === "-" ? -Infinity : Infinity;
};
