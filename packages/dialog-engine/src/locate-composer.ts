import { isRule, unboxed } from "./rows.ts";

const promptRow = /^\s*[>❯›](\s|$)/u;

/**
 * Finds the lowest composer: a prompt row framed above and below. Gives its row, or null.
 *
 *      ╭──────────────────────╮        ────────────────────────
 *      │ > Try "fix the bug"  │        ❯
 *      ╰──────────────────────╯        ────────────────────────
 *        ? for shortcuts                 ⏵⏵ auto mode on (shift+tab to cycle)
 */
export const locateComposer = (rows: readonly string[]): number | null => {
  const found = rows.findLastIndex(
    (row, at) => promptRow.test(unboxed(row)) && isRule(rows[at - 1] ?? "") && closes(rows, at),
  );
  return found < 0 ? null : found;
};

/** A longer draft takes a few rows more before the frame closes. */
const closes = (rows: readonly string[], at: number): boolean => {
  const below = rows.slice(at + 1, at + 8);
  const end = below.findIndex(isRule);
  return end >= 0 && below.slice(0, end).every((row) => !promptRow.test(unboxed(row)));
};
