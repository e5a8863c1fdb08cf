import { limits } from "@nc/cli-scope";

/** A row of nanoclaw, with values of unknown types. Text that is not UTF-8 is a `Uint8Array`. */
export type LegacyRow = Readonly<Record<string, unknown>>;

/** Reads the values of one row. Collects their problems, and the values that are changed on import. */
export type FieldReader = {
  /** A required text. */
  readonly text: (column: string) => string;
  /** A text; null if the value is missing. */
  readonly optional: (column: string) => string | null;
  readonly integer: (column: string, missing: number) => number;
  readonly oneOf: (column: string, values: readonly string[], missing: string) => string;
  /** ISO 8601 in UTC. Also reads SQLite's format `2026-05-01 10:00:00`, which is UTC. */
  readonly time: (column: string) => string;
  readonly optionalTime: (column: string) => string | null;
  /** Adds a note that a value is changed on import, or has another meaning here. */
  readonly change: (why: string) => void;
  readonly problems: readonly string[];
  readonly changes: readonly string[];
};

/** Creates a reader of one row. `now` replaces a time that cannot be read. */
export const fieldReader = (row: LegacyRow, now: string): FieldReader => {
  const problems: string[] = [];
  const changes: string[] = [];
  const at = (column: string): unknown => row[column] ?? null;
  const optional = (column: string): string | null => {
    const value = at(column);
    if (typeof value === "string" && value.length > limits.text) {
      problems.push(tooLong(column));
      return null;
    }
    if (value === null || typeof value === "string") return value;
    problems.push(
      `${column} ${value instanceof Uint8Array ? "is not UTF-8 text without NUL" : "is not text"}`,
    );
    return null;
  };
  const optionalTime = (column: string): string | null => {
    const text = optional(column);
    if (text === null) return null;
    const time = utc(text);
    if (time === null) changes.push(`${column} was not a time`);
    return time;
  };
  return {
    problems,
    changes,
    change: (why) => void changes.push(why),
    optional,
    optionalTime,
    text: (column) => {
      const text = optional(column);
      if (text === null || text === "") problems.push(`${column} is missing`);
      return text ?? "";
    },
    integer: (column, missing) => {
      const value = at(column) ?? missing;
      if (Number.isSafeInteger(value)) return value as number;
      problems.push(`${column} is not a whole number`);
      return missing;
    },
    oneOf: (column, values, missing) => {
      const text = optional(column) ?? missing;
      if (!values.includes(text)) problems.push(`${column} is not one of ${values.join(", ")}`);
      return text;
    },
    time: (column) => optionalTime(column) ?? now,
  };
};

/** Says that a text exceeds the limit on the texts of commands. */
export const tooLong = (what: string): string => `${what} is longer than ${limits.text} characters`;

const naive = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/;

/** Converts a time of nanoclaw to ISO 8601 in UTC; null if it is not a time. */
export const utc = (text: string): string | null => {
  const time = new Date(naive.test(text) ? `${text.replace(" ", "T")}Z` : text);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
};
