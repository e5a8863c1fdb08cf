import { parse } from "toml";
import type { Result } from "@gatehouse/std";
import { TomlDate, type TomlTable } from "./toml-value.ts";

/**
 * The place where a text stops being TOML or JSON. The parser's message is dropped: it quotes the text, which
 * may contain secrets.
 */
export type SyntaxProblem = { readonly line: number | null; readonly column: number | null };

/** Removes the second name of a zone: the parser gives two, the second in brackets (`07:32:00Z[UTC]`). */
const date = { from: (text: string) => new TomlDate(text.replace(/\[.*\]$/, "")) };

/**
 * Dates go to the parser's hook for Temporal, which receives their text. Without the hook, a local date is a
 * string.
 */
const asWritten = {
  bigint: true,
  useTemporal: true,
  temporal: { ZonedDateTime: date, PlainDateTime: date, PlainDate: date, PlainTime: date },
};

type ErrorPosition = { readonly line: number; readonly column: number };

/**
 * The place of a parser error. The parser throws two kinds (toml 5.0.1): one has its place in `location`, the
 * other is a plain `Error` with `line` and `column`.
 */
const placeOf = (error: unknown): ErrorPosition | null => {
  if (!(error instanceof Error)) return null;
  const { line, column, location } = error as Partial<ErrorPosition> & {
    readonly location?: { readonly start: ErrorPosition };
  };
  if (location !== undefined) return location.start;
  return line === undefined || column === undefined ? null : { line, column };
};

export const parseToml = (text: string): Result<TomlTable, SyntaxProblem> => {
  try {
    return { ok: true, value: parse(text, asWritten) as TomlTable };
  } catch (error) {
    const place = placeOf(error);
    if (place === null) throw error;
    return { ok: false, error: { line: place.line, column: place.column } };
  }
};

export const parseJson = (text: string): Result<unknown, SyntaxProblem> => {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, error: { line: null, column: null } };
  }
};

/** A value as JSON; `null` if it is nested so deep (some thousands of levels) that the stack overflows. */
export const jsonText = (value: unknown): string | null => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
};
