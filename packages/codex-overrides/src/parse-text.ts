import { parse, TomlError, type TomlTable } from "smol-toml";
import type { Result } from "./result.ts";

/** Where a text stops being TOML or JSON. What the parser says is not kept: it quotes the text, which may hold secrets. */
export type SyntaxProblem = { readonly line: number | null; readonly column: number | null };

/** Integers come as `bigint`, so that they can be written again as they were. */
export const parseToml = (text: string): Result<TomlTable, SyntaxProblem> => {
  try {
    return { ok: true, value: parse(text, { integersAsBigInt: true }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { ok: false, error: { line: error.line, column: error.column } };
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

/** A value as JSON, `null` where it is nested so deep (some thousands of levels) that the stack does not hold it. */
export const jsonText = (value: unknown): string | null => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
};
