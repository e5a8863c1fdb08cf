import type { Passage } from "./passage.ts";
import { slotFits, slotsHold, tokensOf, type Reading } from "./sentence.ts";
import { walk, type Filled, type Reached, type Token } from "./walk-text.ts";

/**
 * A sentence of a dialog, as the program writes it. The whole sentence is compared, without white space, boxes and case.
 * A slot in braces matches text that differs from start to start: `{folder}` the started folder, `{name}` its last part,
 * `{parent}` the last part of the folder above it, `{count}`, `{word}`, `{link}` (https), `{list}` of words, and the
 * slots of the pack.
 */
export type Sentence = string;

/** All text that may appear in a part of a dialog, in order. Any other text makes the dialog unknown. */
export type Text = readonly (
  | Sentence
  /** Exactly one of these is there: the wordings of different versions. */
  | { readonly oneOf: readonly Sentence[] }
  /** At most one of these is there. */
  | { readonly maybe: readonly Sentence[] }
)[];

/** A text that is prepared for matching. */
export type TextReader = {
  /** True if the passage is this text: every sentence in it is known, in order, and none is missing. */
  readonly isAllOf: (passage: Passage) => boolean;
  /** True if every required sentence is in the passage, with or without other text. */
  readonly isIn: (passage: Passage) => boolean;
  /** Reasons why a passage is not this text; empty if it is. */
  readonly problemsOf: (passage: Passage) => readonly string[];
};

export const readerOf = (text: Text, reading: Reading): TextReader => {
  const parts = text.map((part) => partOf(part, reading));

  const isAllOf = (passage: Passage): boolean => {
    const start: Reached = new Map([[0, { start: 0, filled: null }]]);
    const trail = parts
      .reduce((reached, part) => overPart(passage, part, reached), start)
      .get(passage.compact.length);
    return trail !== undefined && slotsHold(trail, passage, reading);
  };
  const find = (passage: Passage, { sentences }: Part): Found | null =>
    sentences.map((tokens) => findIn(passage, tokens, reading)).find((found) => found !== null) ?? null;

  return {
    isAllOf,
    isIn: (passage) => parts.every((part) => !part.isNeeded || find(passage, part) !== null),
    problemsOf: (passage) => {
      if (isAllOf(passage)) return [];
      const found = parts.map((part) => find(passage, part));
      const missing = parts.filter(({ isNeeded }, at) => isNeeded && found[at] === null);
      const places = found.filter((place) => place !== null);
      const problems = [
        ...missing.map(({ says }) => `no "${short(says)}"`),
        ...unknownIn(passage, places, reading).map((said) => `unknown text "${short(said)}"`),
      ];
      return problems.length > 0 ? problems : ["its sentences in another order"];
    },
  };
};

type Part = {
  readonly isNeeded: boolean;
  readonly says: string;
  readonly sentences: readonly (readonly Token[])[];
};

const partOf = (part: Text[number], reading: Reading): Part => {
  const said = typeof part === "string" ? [part] : "oneOf" in part ? part.oneOf : part.maybe;
  return {
    isNeeded: typeof part === "string" || "oneOf" in part,
    says: (said[0] ?? "").replace("{folder}", reading.folder?.path ?? "{folder}"),
    sentences: said.map((sentence) => tokensOf(sentence, reading)),
  };
};

const overPart = ({ compact }: Passage, { isNeeded, sentences }: Part, reached: Reached): Reached => {
  const ways = sentences.map((tokens) => walk(compact, tokens, reached));
  if (!isNeeded) ways.push(reached);
  // If two ways lead to one place, the first is kept.
  return new Map(ways.reverse().flatMap((way) => [...way]));
};

/** The place of a sentence. If it ends with a slot, the slot's text may go on: `open` is that slot. */
type Found = { readonly from: number; readonly to: number; readonly open?: Filled };

const findIn = (passage: Passage, tokens: readonly Token[], reading: Reading): Found | null => {
  const { compact } = passage;
  const anywhere: Reached = new Map(
    Array.from({ length: compact.length }, (_, start) => [start, { start, filled: null }]),
  );
  const [found] = [...walk(compact, tokens, anywhere)].sort(([one], [other]) => one - other);
  if (found === undefined || !slotsHold(found[1], passage, reading)) return null;
  const [to, { start, filled }] = found;
  const open = typeof tokens.at(-1) === "string" ? undefined : filled?.last;
  return { from: start, to, ...(open === undefined ? {} : { open }) };
};

/** The parts of a passage outside the sentences that were found in it. */
const unknownIn = (passage: Passage, found: readonly Found[], reading: Reading): string[] => {
  const said: string[] = [];
  const end: Found = { from: passage.compact.length, to: passage.compact.length };
  let last: Found = { from: 0, to: 0 };
  for (const next of [...found].sort((one, other) => one.from - other.from).concat([end])) {
    const isInSlot = last.open && slotFits(last.open.slot, passage.drawn(last.open.from, next.from), reading);
    if (next.from > last.to && !isInSlot)
      said.push(passage.drawn(last.to, next.from).replace(/\s+/gu, " ").trim());
    if (next.to > last.to) last = next;
  }
  return said;
};

/** Long enough to recognise the sentence. */
const mostShown = 160;
const short = (text: string): string => (text.length > mostShown ? `${text.slice(0, mostShown - 1)}…` : text);
