import {
  observe,
  type ComposerShape,
  type Observation,
  type RulePack,
  type Start,
} from "@trust/dialog-engine";

/**
 * The prompt that is being given to an agent. A draft of several rows looks like a list where a composer has blank
 * rows around it, and like nothing where a composer has no glyph; only who typed it can tell.
 */
export type TypedPrompt = {
  /**
   * From now on this prompt may stand in the composer; null: nobody's does. While a command of the CLI stands there,
   * a menu above it offers others, and is no question.
   */
  readonly expect: (prompt: string | null, isCommand?: boolean) => void;
  /** The rows of the composer that held the prompt whole at the last look; null if none did. */
  readonly rows: () => readonly string[] | null;
  /** Reads a screen. A composer with the prompt is read as it is with one row. */
  readonly observe: (
    rows: readonly string[],
    pack: RulePack,
    columns: number,
    start: Start,
  ) => Observation<string>;
};

export const createTypedPrompt = (): TypedPrompt => {
  let typed: string | null = null;
  let draft: readonly string[] | null = null;
  let hasMenu = false;
  return {
    expect: (prompt, isCommand = false) => {
      [typed, draft, hasMenu] = [prompt === null ? null : compact(prompt), null, isCommand];
    },
    rows: () => draft,
    observe: (rows, pack, columns, start) => {
      draft = null;
      const read = (screen: readonly string[]): Observation<string> => observe(screen, pack, columns, start);
      const seen = read(rows);
      if (typed === null || typed === "") return seen;
      for (const rule of pack.rules) {
        const place = rule.type === "ready" ? placeOf(rows, typed, rule.composer) : null;
        if (place === null) continue;
        const first = place.isBlank ? "" : (rows[place.top] ?? "");
        const above = rows.slice(hasMenu ? Math.max(0, place.top - 1) : 0, place.top);
        const folded = read([...above, first, ...rows.slice(place.end)]);
        if (folded.type !== "ready") continue;
        draft = rows.slice(place.top, place.end);
        return folded;
      }
      return seen;
    },
  };
};

/** The rows from `top` up to `end`, which is the edge below them. */
type Place = { readonly top: number; readonly end: number; readonly isBlank: boolean };

/** Where the lowest composer stands, if it holds exactly this text. */
const placeOf = (rows: readonly string[], typed: string, shape?: ComposerShape): Place | null => {
  const glyphs = shape?.prompts ?? ">❯›";
  const top = glyphs === "" ? topBetweenRules(rows) : lowestPrompt(rows, glyphs);
  if (top === null) return null;
  let held = "";
  for (let end = top; end < rows.length && typed.startsWith(held); end += 1) {
    const text = compact(rows[end] ?? "");
    held += end === top && glyphs !== "" ? text.slice(1) : text;
    if (held === typed && isEdge(rows[end + 1])) return { top, end: end + 1, isBlank: glyphs === "" };
  }
  return null;
};

const lowestPrompt = (rows: readonly string[], glyphs: string): number | null => {
  const found = rows.findLastIndex(
    (row, at) => glyphs.includes(compact(row).slice(0, 1) || "\n") && isEdge(rows[at - 1]),
  );
  return found < 0 ? null : found;
};

/** The row below the upper one of the two lowest rules. */
const topBetweenRules = (rows: readonly string[]): number | null => {
  const isRule = (row: string): boolean => /[─━]{8}/u.test(row) && isEdge(row);
  const below = rows.findLastIndex(isRule);
  const above = rows.findLastIndex((row, at) => at < below && isRule(row));
  return above < 0 ? null : above + 1;
};

/** A text without white space and what frames are drawn with. */
export const compact = (text: string): string => text.replace(/[\s│┃║╭╮╰╯─━▀▄]+/gu, "");
const isEdge = (row: string | undefined): boolean => compact(row ?? "") === "";
