import { isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { fail, ok, type Result } from "@gatehouse/std";
import { sameSet } from "../user/same-user.ts";
import type { User, UserSet } from "../user/user.ts";
import { isSamePerson } from "../user/user-ids.ts";
import { hasUsersList, readUsers } from "./read-users.ts";
import { columnOf, endOfOwnLines, startOfLine } from "./text-lines.ts";
import { endOf, insert, startOf, type LayoutRefused } from "./splice.ts";

/** The users of a file without this one. */
export const withoutUser = ({ users, defaults }: UserSet, user: User): UserSet => ({
  users: users.filter((other) => !isSamePerson(other, user)),
  defaults,
});

/** Cuts an entry out of the text, and reads the result again: it must have all other users, in order. */
export const cutUser = (text: string, set: UserSet, user: User): Result<string, LayoutRefused> => {
  const span = entrySpan(
    text,
    set.users.findIndex((other) => isSamePerson(other, user)),
  );
  const rest = span === null ? text : cut(text, span);
  const after = set.users.length === 1 ? withEmptyList(rest) : rest;
  const read = readUsers(after);
  if (read.ok && sameSet(read.value, withoutUser(set, user))) return ok(after);
  return fail({ code: "layout-refused" });
};

/** Writes `users: []` for a `users:` without entries: a host takes only that for a list of nobody. */
const withEmptyList = (text: string): string => {
  if (hasUsersList(text)) return text;
  const start = text.startsWith(byteOrderMark) ? 1 : 0;
  const top = parseDocument(text.slice(start), { keepSourceTokens: true }).contents;
  const users = isMap(top) ? top.items.find(({ key }) => isScalar(key) && key.value === "users") : undefined;
  const colon = users?.srcToken?.sep?.find(({ type }) => type === "map-value-ind");
  return colon === undefined ? text : insert(text, { at: start + colon.offset + 1, text: " []" });
};

/** A part of a text: the offset of its first character, and the offset after its last one. */
export type Span = { readonly from: number; readonly to: number };

export const cut = (text: string, { from, to }: Span): string => text.slice(0, from) + text.slice(to);

const byteOrderMark = "\uFEFF";

/**
 * The span of entry number `index` in a users.yaml that `readUsers` accepts: its lines (in brackets: its text
 * and one comma), with the comments in and below it that are deeper than its dash. A comment above the entry
 * is not part of it, because it may be about more than this entry. A caller must read the result again before
 * writing it (`cutUser`).
 */
export const entrySpan = (text: string, index: number): Span | null => {
  if (!text.startsWith(byteOrderMark)) return spanIn(text, index);
  const span = spanIn(text.slice(1), index);
  return span === null ? null : { from: span.from + 1, to: span.to + 1 };
};

const spanIn = (text: string, index: number): Span | null => {
  const top = parseDocument(text, { uniqueKeys: false, keepSourceTokens: true }).contents;
  const users = isMap(top)
    ? top.items.find(({ key }) => isScalar(key) && key.value === "users")?.value
    : undefined;
  if (!isSeq(users) || users.items[index] === undefined) return null;
  return users.flow ? flowSpan(text, users, index) : blockSpan(text, users, index);
};

const blockSpan = (text: string, users: YAMLSeq, index: number): Span | null => {
  const dashes = dashesOf(users);
  const dash = dashes[index];
  if (dash === undefined || dashes.length !== users.items.length) return null;
  const nextDash = dashes[index + 1];
  const next = nextDash === undefined ? text.length : startOfLine(text, nextDash);
  const from = startOfLine(text, dash);
  const to = Math.min(endOfOwnLines(text, endOf(users.items[index]), columnOf(text, dash)), next);
  return withGap(text, { from, to }, nextDash !== undefined);
};

/** The offsets of the dashes of a block list. A node has only the offset of the text after its dash. */
const dashesOf = ({ srcToken }: YAMLSeq): readonly number[] =>
  srcToken?.type === "block-seq"
    ? srcToken.items.flatMap(({ start }) => {
        const dash = start.find(({ type }) => type === "seq-item-ind");
        return dash === undefined ? [] : [dash.offset];
      })
    : [];

/**
 * Extends the span by the empty line above the entry, or by the one below it for the first entry. The one
 * below stays if a comment is above the entry: otherwise the comment would seem to be about the next entry. A
 * text without a final newline still has none.
 */
const withGap = (text: string, { from, to }: Span, hasNext: boolean): Span => {
  const above = /\n(?<gap>(?:[ \t]*\r?\n)+)$/.exec(text.slice(0, from))?.groups?.["gap"] ?? "";
  const isCommented = /(?:^|\n)[ \t]*#[^\n]*\n$/.test(text.slice(0, from));
  const below = /^(?:[ \t]*\r?\n)+/.exec(text.slice(to))?.[0] ?? "";
  const isOpenEnd = to === text.length && !text.endsWith("\n");
  const lineEnd = isOpenEnd ? (/\r?\n$/.exec(text.slice(0, from - above.length))?.[0] ?? "") : "";
  if (above !== "" || isOpenEnd) return { from: from - above.length - lineEnd.length, to };
  return { from, to: hasNext && !isCommented ? to + below.length : to };
};

/** `[a, b, c]` -> `[a, c]`. Removes blanks and one comma with the entry, never a comment. */
const flowSpan = (text: string, users: YAMLSeq, index: number): Span => {
  const [item, previous] = [users.items[index], users.items[index - 1]];
  const [from, to] = [startOf(item), endOf(item)];
  const before = previous === undefined ? null : commaBehind(text, endOf(previous));
  if (before !== null && text.slice(before + 1, from).trim() === "") return { from: before, to };
  const behind = commaBehind(text, to);
  return { from, to: behind === null ? to : behind + 1 + blanksAt(text, behind + 1) };
};

/** The offset of the next comma, after blanks and comments. */
const commaBehind = (text: string, offset: number): number | null => {
  const comma = /(?:\s|#[^\n]*\n)*,/y;
  comma.lastIndex = offset;
  return comma.test(text) ? comma.lastIndex - 1 : null;
};

const blanksAt = (text: string, offset: number): number => /^[ \t]*/.exec(text.slice(offset))![0].length;
