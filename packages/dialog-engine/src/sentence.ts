import type { Passage } from "./passage.ts";
import { compact } from "./rows.ts";
import { formsOf, nameOf, parentOf, showsFolder, spells, type StartedFolder } from "./shown-folder.ts";

/** Slots of a pack's own: what the text in one must be, as a person reads it. */
export type Slots = { readonly [name: string]: RegExp };

/** What sentences are read with: the started folder (any path, where it is not known), and a pack's own slots. */
export type Reading = { readonly folder?: StartedFolder | undefined; readonly slots?: Slots | undefined };

const oneOrMore = /^\S+$/u;
const ownSlots: Slots = {
  count: /^\d+$/u,
  word: oneOrMore,
  link: /^https:\/\/\S+$/u,
  // "a", "a and b", "a, b, and c", "a, b, and 3 more"
  list: /^\S+(?:, \S+)*(?:,? and (?:\S+|\d+ more))?$/u,
};

/** One sentence as a pattern on a passage's compact form. Each slot is a group of it. */
export type Pattern = { readonly source: string; readonly slots: readonly string[] };

const slot = /\{(\w+)\}/u;
/** Long enough for a list of what a folder allows; a bound, so that a hostile screen costs little to read. */
const anything = "[^]{1,1000}?";

/** A sentence whose slots nobody knows is a mistake in the pack, and throws. */
export const patternOf = (sentence: string, reading: Reading): Pattern => {
  const pieces = sentence.split(slot);
  const slots = pieces.filter((_, at) => at % 2 === 1);
  const source = pieces.map((piece, at) =>
    at % 2 === 1 ? `(${slotSource(piece, reading)})` : escaped(compact(piece)),
  );
  return { source: source.join(""), slots };
};

const slotSource = (name: string, { folder, slots }: Reading): string => {
  switch (name) {
    case "folder":
      return folder === undefined
        ? `(?:[/~…]|[a-z]:)${anything}|/|~`
        : `${formsOf(folder)
            .map((form) => escaped(compact(form)))
            .join("|")}|[^…]{0,1000}?(?:…|\\.\\.\\.)${anything}`;
    case "name":
      return folder === undefined ? "[^]{0,1000}?" : escaped(compact(nameOf(folder.path)));
    case "parent":
      return folder === undefined ? "[^]{0,1000}?" : escaped(compact(parentOf(folder)));
    case "count":
      return "\\d{1,9}";
    case "link":
      return `https://${anything}`;
    default:
      if (!(name in ownSlots) && !(slots && name in slots))
        throw new TypeError(`no slot is called {${name}}`);
      return anything;
  }
};

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");

/** True if every slot of a match holds what it may. */
export const slotsHold = (
  match: RegExpExecArray,
  slots: readonly string[],
  passage: Passage,
  reading: Reading,
): boolean =>
  slots.every((name, at) => {
    const [from, to] = match.indices?.[at + 1] ?? [];
    return from === undefined || to === undefined || slotFits(name, passage.drawn(from, to), reading);
  });

/** True if a slot may hold what was drawn there (`Passage.drawn`). */
export const slotFits = (name: string, drawn: string, { folder, slots }: Reading): boolean => {
  if (name === "folder") return folder === undefined || showsFolder(drawn, folder);
  if (name === "name") return folder === undefined || spells(drawn, nameOf(folder.path));
  if (name === "parent") return folder === undefined || spells(drawn, parentOf(folder));
  const rows = drawn.replace(/\n/gu, " ");
  const pattern = slots?.[name] ?? ownSlots[name];
  return pattern !== undefined && ["", " "].some((joint) => pattern.test(rows.replace(/\r/gu, joint)));
};
