/**
 * A reduced text, with the index of each of its characters in the original; -1 for a character that is not in
 * the original.
 */
export type Flat = { readonly text: string; readonly at: Int32Array };

/** A kept piece, from an index up to but not including another, or a character that replaces a removed piece. */
type Part = readonly [from: number, to: number] | " " | "\n";

/**
 * Escape sequences, 7 bit and C1: CSI, then strings (OSC, DCS, SOS, PM, APC), then the rest. Every part has a
 * bound, so that a long text of openings is scanned once.
 */
const escapes =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /(?:\u001b\[|\u009b)[0-?]{0,256}[ -/]{0,16}[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])([^\u0007\u0018\u001a\u001b\u0090\u0098-\u009f]{0,4096})(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]{0,16}[0-~]/gu;

/** White space, controls, marks that are not drawn, box lines and blocks. */
const undrawn = /[\s\p{Cc}\p{Cf}|\u2500-\u259f]+/gu;

/**
 * The text as words: removes colours, replaces a move within the row by a blank and a move to another row by a line
 * break.
 */
export const asWords = (text: string): Flat => without(whole(text), escapes, gapOf);

/**
 * Only the drawn characters of words, without rows and boxes: a value that the program wrote in one piece is in one
 * piece again.
 */
export const drawnOnly = (words: Flat): Flat => without(words, undrawn);

/** Does the same for a search text, which has no escape sequences. */
export const drawnText = (text: string): string => text.replace(undrawn, "");

/** The payload of the escape sequences: titles, addresses of links, the clipboard. A line break separates two. */
export const carried = (text: string): Flat =>
  flatOf(
    whole(text),
    [...text.matchAll(escapes)].flatMap(({ 0: sequence, 1: payload, index }): Part[] => {
      if (payload === undefined) return [];
      const from = index + (sequence.startsWith("\u001b") ? 2 : 1);
      return [[from, from + payload.length], "\n"];
    }),
  );

/** The blank or line break that a person sees in place of this sequence; empty if none. */
const gapOf = (sequence: string): "" | " " | "\n" => {
  if (!sequence.startsWith("\u001b[") && !sequence.startsWith("\u009b")) return "";
  const final = sequence.at(-1) ?? "";
  if ("CG`a".includes(final)) return " ";
  return "ABEFHdf".includes(final) ? "\n" : "";
};

/** A line break between two pieces of text, with the box lines and blanks around it. */
const breaks =
  /(?<=[^\s|\u2500-\u259f])[ \t]{0,300}(?:[|\u2500-\u259f][ \t]{0,300})?\r{0,4}\n[ \t]{0,300}(?:[|\u2500-\u259f][ \t]{0,300})?(?=[^\s|\u2500-\u259f])/gu;

/** Joins two rows if the second begins as no word does: a token may have been wrapped there. */
export const joined = (words: Flat): Flat =>
  without(words, breaks, (found, index) => {
    const from = index + found.length;
    return isWords(/^\S*/u.exec(words.text.slice(from, from + 200))?.[0] ?? "") ? null : "";
  });

/** True for words and small numbers as in a sentence, also several in one piece (`sub-folder's`, `1.`). */
const isWords = (piece: string): boolean =>
  piece.split(/[^\p{L}\p{N}]+/u).every((part) => /^(?:\p{L}?\p{Ll}{0,15}|\p{Lu}{0,11}|\d{1,3})$/u.test(part));

const whole = (text: string): Flat => ({ text, at: new Int32Array(text.length).map((_, at) => at) });

/** Removes the matches of the pattern. `gap` gives the replacement, or null to keep the match. */
const without = (
  source: Flat,
  pattern: RegExp,
  gap: (found: string, index: number) => "" | " " | "\n" | null = () => "",
): Flat => {
  const parts: Part[] = [];
  let done = 0;
  for (const { 0: found, index } of source.text.matchAll(pattern)) {
    const instead = gap(found, index);
    if (instead === null) continue;
    parts.push([done, index], ...(instead === "" ? [] : [instead]));
    done = index + found.length;
  }
  return flatOf(source, [...parts, [done, source.text.length]]);
};

const flatOf = ({ text, at }: Flat, parts: readonly Part[]): Flat => {
  const places = new Int32Array(text.length);
  let size = 0;
  const pieces = parts.map((part) => {
    if (typeof part === "string") {
      places[size++] = -1;
      return part;
    }
    places.set(at.subarray(...part), size);
    size += part[1] - part[0];
    return text.slice(...part);
  });
  return { text: pieces.join(""), at: places.subarray(0, size) };
};
