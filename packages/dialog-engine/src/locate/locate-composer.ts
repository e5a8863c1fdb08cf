import { isPadding, isRule, isTitledRule, unboxed } from "../screen/rows.ts";

/** How a program draws its composer, the row in which a person types a prompt. */
export type ComposerShape = {
  /** The glyphs that the row may begin with; empty: the row has none, and is blank until a person types. */
  readonly prompts: string;
  /** What is drawn directly above and below the prompt row: a rule or a box, or nothing. */
  readonly between: "rules" | "blank rows";
};

const framed: ComposerShape = { prompts: ">❯›", between: "rules" };

/**
 * Finds the lowest composer of this shape: its prompt row, framed above and below, or with blank rows above
 * and below. A draft of several rows begins each at the column of the first one's text. Returns its first row, or null.
 *
 *      ╭──────────────────────╮        ────────────────────────        (nothing)
 *      │ > Try "fix the bug"  │        ❯                               › Ask Codex to do anything
 *      ╰──────────────────────╯        ────────────────────────        (nothing)
 *        ? for shortcuts                 ⏵⏵ auto mode on (shift+tab)     ? for shortcuts
 */
export const locateComposer = (rows: readonly string[], shape: ComposerShape = framed): number | null => {
  const isPrompt = promptOf(shape);
  const stands = { rules: isFramed, "blank rows": standsAlone }[shape.between];
  const found = rows.findLastIndex((row, at) => isPrompt(row) && stands(rows, at, isPrompt));
  return found < 0 ? null : found;
};

type IsPrompt = (row: string) => boolean;
type Stands = (rows: readonly string[], at: number, isPrompt: IsPrompt) => boolean;

/**
 * A numbered row is an option, regardless of the rows around it: the rest of its list may not be drawn yet.
 */
const promptOf = ({ prompts }: ComposerShape): IsPrompt => {
  if (prompts === "") return (row) => row.trim() === "";
  const prompt = new RegExp(`^\\s*[${prompts}](?!\\s+\\d{1,2}[.)][\\s\\p{L}])(\\s|$)`, "u");
  return (row) => prompt.test(unboxed(row));
};

/** The rows of the longest draft that is read as one: more do not fit on most screens. */
const longestDraft = 50;

/** A longer draft takes more rows before the frame closes. */
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
const standsAlone: Stands = (rows, at, isPrompt) => {
  if (!isPadding(rows[at - 1] ?? "")) return false;
  const below = rows.slice(at + 1);
  const end = below.findIndex(isPadding);
  if (end < 0) return below.length === 0;
  const column = textColumn(rows[at] ?? "");
  return below.slice(0, end).every((row) => !isPrompt(row) && row.search(/\S/u) >= column);
};

/** Where the text behind the glyph begins: the further rows of a draft begin there too. */
const textColumn = (row: string): number => /^\s*\S\s/u.exec(row)?.[0].length ?? Number.POSITIVE_INFINITY;
