import type { Passage } from "./passage.ts";
import { compact } from "../screen/rows.ts";
import { formsOf, nameOf, parentOf, showsFolder, spells, type StartedFolder } from "./shown-folder.ts";
import { filledIn, type SlotToken, type Token, type Trail } from "./walk-text.ts";

/** A pack's own slots: a pattern for the text in each, as a person reads it. */
export type Slots = { readonly [name: string]: RegExp };

/** The context for reading sentences: the started folder (unknown: any path matches), and the pack's own slots. */
export type Reading = { readonly folder?: StartedFolder | undefined; readonly slots?: Slots | undefined };

const ownSlots: Slots = {
  count: /^\d+$/u,
  word: /^\S+$/u,
  link: /^https:\/\/\S+$/u,
  // "a", "a and b", "a, b, and c", "a, b, and 3 more"
  list: /^\S+(?:, \S+)*(?:,? and (?:\S+|\d+ more))?$/u,
};

/** Splits a sentence at its slots. Throws on an unknown slot, which is a mistake in the pack. */
export const tokensOf = (sentence: string, reading: Reading): readonly Token[] =>
  sentence
    .split(/\{(\w+)\}/u)
    .map((piece, at) => (at % 2 === 1 ? slotToken(piece, reading) : compact(piece)))
    .filter((token) => token !== "");

const anywhere = (): boolean => true;
/** Long enough for a list of a folder's permissions. */
const max = 1_000;

const slotToken = (slot: string, { folder, slots }: Reading): SlotToken => {
  switch (slot) {
    case "folder":
      return folder === undefined
        ? { slot, forms: ["/", "~"], open: { begins: beginsPath, min: 2, max } }
        : { slot, forms: formsOf(folder).map(compact), open: { begins: hasEllipsis, min: 2, max } };
    case "name":
    case "parent":
      if (folder === undefined) return { slot, forms: [""], open: { begins: anywhere, min: 1, max } };
      return { slot, forms: [compact(slot === "name" ? nameOf(folder.path) : parentOf(folder))] };
    case "count":
      return { slot, forms: [], open: { begins: beginsNumber, min: 1, max: 9 } };
    case "link":
      return { slot, forms: [], open: { begins: beginsLink, min: 9, max } };
    default:
      if (!(slot in ownSlots) && !(slots && slot in slots))
        throw new TypeError(`no slot is called {${slot}}`);
      return { slot, forms: [], open: { begins: anywhere, min: 1, max } };
  }
};

const beginsPath = (text: string, at: number): boolean => /^(?:[/~…]|[a-z]:)/u.test(text.slice(at, at + 2));
const beginsNumber = (text: string, at: number): boolean => /^\d/u.test(text.charAt(at));
const beginsLink = (text: string, at: number): boolean => text.startsWith("https://", at);
const hasEllipsis = (text: string): boolean => text.includes("…") || text.includes("...");

/** True if the text in every slot of a trail fits its slot. */
export const slotsHold = (trail: Trail, passage: Passage, reading: Reading): boolean =>
  filledIn(trail).every(({ slot, from, to }) => slotFits(slot, passage.drawn(from, to), reading));

/** True if the drawn text (`Passage.drawn`) fits the slot. */
export const slotFits = (slot: string, drawn: string, { folder, slots }: Reading): boolean => {
  if (slot === "folder") return folder === undefined || showsFolder(drawn, folder);
  if (slot === "name") return folder === undefined || spells(drawn, nameOf(folder.path));
  if (slot === "parent") return folder === undefined || spells(drawn, parentOf(folder));
  const rows = drawn.replace(/\n/gu, " ");
  const pattern = slots?.[slot] ?? ownSlots[slot];
  return pattern !== undefined && ["", " "].some((joint) => pattern.test(rows.replace(/\r/gu, joint)));
};
