import { locateComposer, type RulePack } from "@trust/dialog-engine";
import { compact } from "./watch/drafts.ts";

/** The rows of a composer, from the prompt row to its end; null without one. */
export type Composer = readonly string[] | null;

/** The lowest composer of the screen, without the footer below it, which may contain any text. */
export const composerIn = (rows: readonly string[], pack: RulePack, prompt: string): Composer => {
  const found = pack.rules.flatMap((rule) => {
    const row = rule.type === "ready" ? locateComposer(rows, rule.composer) : null;
    return rule.type !== "ready" || row === null ? [] : [{ row, shape: rule.composer }];
  });
  const [lowest] = found.toSorted((one, other) => other.row - one.row);
  if (lowest === undefined) return null;
  const below = rows.slice(lowest.row);
  const isEnd = lowest.shape?.between === "blank rows" ? isPadding : isClosing;
  // A blank row does not end a prompt that contains blank rows.
  const end = isEnd === isPadding && /\n\s*\n/.test(prompt) ? -1 : below.findIndex(isEnd);
  return end < 0 ? below : below.slice(0, end);
};

const isClosing = (row: string): boolean => /[─━═]{8}/u.test(row) && compact(row) === "";
const isPadding = (row: string): boolean => /^[\s▀▄]*$/u.test(row);

/**
 * The marks that CLIs draw in place of a long paste. Claude Code 2.1.328 does so from four line ends or some
 * 1,000 characters on, and without a number for a single line; Codex 0.169.0 above 1,000; Kimi Code 2.1.0:
 *
 *      ❯ [Pasted text #1 +44 lines]     › [Pasted Content 1507 chars]     > [paste #1 2703 chars]
 */
const pastedMark = /\[paste[^\]]*\]/iu;
const counted = /(\d+) (line|char)[a-z]*\]$/u;

/** True if the composer shows a mark with the right count for this prompt. */
const hasMarkOf = (composer: Composer, prompt: string): boolean => {
  const [mark] = pastedMark.exec(textWithSpaces(composer)) ?? [];
  if (mark === undefined) return false;
  const [, count = "", unit] = counted.exec(mark) ?? [];
  const ends = prompt.split("\n").length - 1;
  if (unit === undefined) return ends === 0;
  // Kimi Code draws a Tab as four spaces, and counts UTF-16 units; Codex counts characters.
  const texts = [prompt, prompt.replaceAll("\t", "    ")];
  const counts =
    unit === "line" ? [ends, ends + 1] : texts.flatMap((text) => [text.length, [...text].length]);
  return counts.includes(Number(count));
};

/** The composer's text with single spaces, since a mark may wrap. */
const textWithSpaces = (composer: Composer): string =>
  (composer ?? [])
    .map((row) => row.replace(/[│┃║]/gu, " ").trim())
    .join(" ")
    .replace(/\s+/gu, " ");

/** The content of the composer; "none" without a composer. */
export type Draft = "prompt" | "another" | "none";

/** The composer before the prompt was typed, and at the last Enter; null before that. */
export type DraftBefore = { readonly before: Composer; readonly entered: Composer };

/**
 * The composer holds the prompt if it holds the prompt's end, or a mark in its place. Any placeholder may
 * contain the letters of a short prompt: after Enter, a short prompt counts as held only if the composer is
 * unchanged.
 */
export const draftIn = (composer: Composer, prompt: string, { before, entered }: DraftBefore): Draft => {
  if (composer === null) return "none";
  const [draft, empty] = [textOf(composer), textOf(before)];
  const end = compact(prompt);
  if (entered !== null && end.length < endLength) return draft === textOf(entered) ? "prompt" : "another";
  const hasEnd = draft !== empty && draft.includes(end.slice(-endLength));
  return hasEnd || (hasMarkOf(composer, prompt) && !pastedMark.test(empty)) ? "prompt" : "another";
};

/** Length of the prompt's end that the composer has to show, in UTF-16 units. */
const endLength = 24;

const textOf = (composer: Composer): string => compact((composer ?? []).join("\n"));

/**
 * True if the earlier text of the composer is still there, beside the prompt. A placeholder disappears; a
 * person's draft does not.
 */
export const isBeside = (composer: Composer, prompt: string, before: Composer): boolean => {
  const firstOf = (rows: Composer): string => compact(rows?.[0] ?? "").replace(/^[>❯›]/u, "");
  const [now, draft] = [firstOf(composer), firstOf(before)];
  const [first = ""] = prompt.trimStart().split("\n");
  const start = compact(first);
  if (draft === "") return false;
  const isPrompt = now.startsWith(start.slice(0, 24)) || /^\[paste/iu.test(now);
  return !isPrompt || (now !== start && now.endsWith(draft));
};

/** True if nothing was typed into this composer: it is blank, or shows Codex's placeholder. */
export const isEmpty = (composer: Composer): boolean =>
  /^[>❯›]?(?:AskCodextodoanything)?$/u.test(textOf(composer));
