const show = (value: unknown): string => JSON.stringify(value) ?? "nothing";

/** A sentence if the two differ as JSON; empty if they are equal. */
export const differs = (what: string, actual: unknown, expected: unknown): string[] =>
  show(actual) === show(expected) ? [] : [`${what} is ${show(actual)}, not ${show(expected)}`];
