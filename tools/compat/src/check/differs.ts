const show = (value: unknown): string => JSON.stringify(value) ?? "nothing";

/** A sentence where the two are not the same, as JSON; nothing where they are. */
export const differs = (what: string, actual: unknown, expected: unknown): string[] =>
  show(actual) === show(expected) ? [] : [`${what} is ${show(actual)}, not ${show(expected)}`];
