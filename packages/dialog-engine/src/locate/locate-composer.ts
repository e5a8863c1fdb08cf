import { isPadding, isRule, isTitledRule, unboxed } from "../screen/rows.ts";

/** How a program draws its composer, the row in which a person types a prompt. */
export type ComposerShape = {
  /** The glyphs that may begin the row. Empty: the row has no glyph and is blank until a person types. */
  readonly prompts: string;
  /** The rows directly above and below the prompt row: rules (or a box), or blank rows. */
  readonly between: "rules" | "blank rows";
};

const framed: ComposerShape = { prompts: ">❯›", between: "rules" };

/**
 * Finds the lowest composer of this shape: its prompt row, between rules or blank rows. The further rows of a draft
 * begin at the column of the first row's text. Returns the first row, or null.
 *
 *      ╭──────────────────────╮        ────────────────────────        (nothing)
 *      │ > Try "fix the bug"  │        ❯                               › Ask Codex to do anything
 *      ╰──────────────────────╯        ────────────────────────        (nothing)
 *        ? for shortcuts                 ⏵⏵ auto mode on (shift+tab)     ? for shortcuts
 */
export const locateComposer = (rows: readonly string[], shape: ComposerShape = framed): number | null => {
  const isPrompt = promptOf(shape);
  const hasFrame = { rules: isFramed, "blank rows": isBetweenBlanks }[shape.between];
  const found = rows.findLastIndex((row, at) => isPrompt(row) && hasFrame(rows, at, isPrompt));
  return found < 0 ? null : found;
};

type IsPrompt = (row: string) => boolean;
type HasFrame = (rows: readonly string[], at: number, isPrompt: IsPrompt) => boolean;

/**
 * A numbered row is an option, regardless of the rows around it: the rest of its list may not be drawn yet.
 */
const promptOf = ({ prompts }: ComposerShape): IsPrompt => {
  if (prompts === "") return (row) => row.trim() === "";
  const prompt = new RegExp(`^\\s*[${prompts}](?!\\s+\\d{1,2}[.)][\\s\\p{L}])(\\s|$)`, "u");
  return (row) => prompt.test(unboxed(row));
};

/** Maximum rows of a draft: most screens have no room for more. */
const longestDraft = 50;

/** A longer draft has more rows before the frame closes. */
const isFramed = (rows: readonly string[], at: number, isPrompt: IsPrompt): boolean => {
  const above = rows[at - 1] ?? "";
  if (!isRule(above) && !isTitledRule(above)) return false;
  const below = rows.slice(at + 1, at + longestDraft);
  const end = below.findIndex(isRule);
  return end >= 0 && below.slice(0, end).every((row) => !isPrompt(row));
};

/**
 * Gemini CLI 0.61.0 pads its composer with a background colour, or with half blocks where the terminal has
 * all colours.
 */
const isBetweenBlanks: HasFrame = (rows, at, isPrompt) => {
  if (!isPadding(rows[at - 1] ?? "")) return false;
  const below = rows.slice(at + 1);
  const end = below.findIndex(isPadding);
  if (end < 0) return below.length === 0;
  const column = textColumn(rows[at] ?? "");
  return below.slice(0, end).every((row) => !isPrompt(row) && row.search(/\S/u) >= column);
};

/** The column of the text behind the glyph. The further rows of a draft begin there too. */
const textColumn = (row: string): number => /^\s*\S\s/u.exec(row)?.[0].length ?? Number.POSITIVE_INFINITY;
