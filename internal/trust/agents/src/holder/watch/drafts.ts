import {
  observe,
  type ComposerShape,
  type Observation,
  type Rule,
  type RulePack,
  type Start,
} from "@trust/dialog-engine";

/**
 * The prompt that is being typed into an agent. A draft of several rows looks like a list in a composer
 * between blank rows, and like no dialog in a composer without a glyph; it is recognised only by comparing it
 * with the typed text.
 */
export type TypedPrompt = {
  /**
   * Sets the prompt that the composer may show from now on; null: no prompt of ours. While the composer has a
   * command of the CLI, a menu above it offers similar commands, and is not a question.
   */
  readonly expect: (prompt: string | null, isCommand?: boolean) => void;
  /** The rows of the composer that showed the whole prompt at the last reading; null if none did. */
  readonly rows: () => readonly string[] | null;
  /** True if these rows are only the end of the prompt: the composer is taller than the screen. */
  readonly isCut: () => boolean;
  /** Reads a screen. A composer with the prompt is read like a composer with one row. */
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
  let isCut = false;
  return {
    expect: (prompt, isCommand = false) => {
      [typed, draft, hasMenu] = [prompt === null ? null : compact(prompt), null, isCommand];
    },
    rows: () => draft,
    isCut: () => isCut,
    observe: (rows, pack, columns, start) => {
      [draft, isCut] = [null, false];
      const read = (screen: readonly string[]): Observation<string> => observe(screen, pack, columns, start);
      const seen = read(rows);
      if (typed === null || typed === "") return seen;
      for (const rule of pack.rules) {
        const place = rule.type === "ready" ? placeOf(rows, typed, rule.composer) : null;
        if (place === null) continue;
        const first = place.isBlank ? "" : (rows[place.top] ?? "");
        const above = rows.slice(hasMenu ? Math.max(0, place.top - 1) : 0, place.top);
        const folded = read([...above, first, ...rows.slice(place.end)]);
        if (folded.type !== "ready" && !mayLackStatus(folded, rule, typed)) continue;
        draft = rows.slice(place.top, place.end);
        return folded.type === "ready" || rule.type !== "ready" ? folded : { type: "ready", rule };
      }
      for (const rule of pack.rules) {
        const cut = rule.type === "ready" ? endOf(rows, typed, rule.composer) : null;
        if (cut === null || rule.type !== "ready") continue;
        [draft, isCut] = [rows.slice(cut.top, cut.end), true];
        return { type: "ready", rule };
      }
      return seen;
    },
  };
};

/**
 * Codex 0.169.0 draws no status row below a prompt that fills the screen. If the whole of a long prompt is in
 * the composer, the status row is not needed.
 */
const mayLackStatus = (folded: Observation<string>, rule: Rule<string>, typed: string): boolean =>
  folded.type === "nothing" &&
  rule.type === "ready" &&
  rule.composer?.between === "blank rows" &&
  typed.length >= leastEnd;

/** The rows from `top` up to `end`, which is the edge below them. */
type ComposerRows = { readonly top: number; readonly end: number; readonly isBlank: boolean };

/** The place of the lowest composer, if it holds exactly this text. */
const placeOf = (rows: readonly string[], typed: string, shape?: ComposerShape): ComposerRows | null => {
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

/** Minimum length, in UTF-16 units of compact text, that is no accidental match. */
const leastEnd = 100;

/**
 * The place of a composer without a frame that shows only the end of this text, because it is taller than the
 * screen. Codex 0.169.0 draws it from the top of the screen on, without a status row below it; or with an
 * arrow:
 *
 *      › line 22 of the prompt                                     ↑
 *        line 23 of the prompt
 */
const endOf = (rows: readonly string[], typed: string, shape?: ComposerShape): ComposerRows | null => {
  const top = shape?.between === "blank rows" ? lowestPrompt(rows, shape.prompts) : null;
  if (top === null) return null;
  const [first, ...more] = rows.slice(top);
  const start = compact(first ?? "").slice(1);
  if (top > 1 && !start.endsWith("↑")) return null;
  let held = start.replace(/↑$/u, "");
  const below = more.findLastIndex((row) => !isEdge(row));
  for (const row of more.slice(0, below + 1)) held += compact(row);
  const isEnd = held.length >= leastEnd && held.length < typed.length && typed.endsWith(held);
  return isEnd ? { top, end: top + below + 2, isBlank: false } : null;
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

/** A text without white space and the characters of frames. */
export const compact = (text: string): string => text.replace(/[\s│┃║╭╮╰╯─━▀▄]+/gu, "");
const isEdge = (row: string | undefined): boolean => compact(row ?? "") === "";

/** Text that a person at an attached terminal has typed and not sent. */
export type PersonDraft = {
  /**
   * Gets typed keys; null when no terminal types any more. If a question `isAsked`, keys are an answer and
   * begin no draft.
   */
  readonly typed: (data: string | null, isAsked: boolean) => void;
  readonly isOpen: () => boolean;
};

/** Keys that end a draft: Enter, Ctrl-C, Ctrl-D, and Escape alone. */
// eslint-disable-next-line no-control-regex -- the expression finds control characters
const ending = /[\r\n\x03\x04]|^\x1b$/u;

export const createPersonDraft = (): PersonDraft => {
  let isOpen = false;
  return {
    typed: (data, isAsked) => {
      if (data === null || ending.test(data)) isOpen = false;
      // Arrow keys and mouse reports write no text.
      else if (!isAsked && !data.startsWith("\x1b")) isOpen = true;
    },
    isOpen: () => isOpen,
  };
};
