import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { fail, ok, type Result } from "@gatehouse/std";
import { blockEntry, flowEntry, type EntryStyle } from "./entry-text.ts";
import { readUsers } from "./read-users.ts";
import { behindLine, columnOf, endOfOwnLines, lineEndOf } from "./text-lines.ts";
import { sameSet } from "../user/same-user.ts";
import type { User, UserSet } from "../user/user.ts";

/** The file's layout has no place for an entry that can be read back correctly. */
export type LayoutRefused = { readonly code: "layout-refused" };

/**
 * Adds the new entry to the text, and reads the result again: it must have the same users, with the new one
 * last.
 */
export const spliceUser = (text: string, set: UserSet, user: User): Result<string, LayoutRefused> => {
  const spliced = insert(text, entryInsertion(text, user));
  const read = readUsers(spliced);
  const wanted: UserSet = { users: [...set.users, user], defaults: set.defaults };
  if (read.ok && sameSet(read.value, wanted)) return ok(spliced);
  return fail({ code: "layout-refused" });
};

/** Text to insert at an offset. All existing text stays unchanged, byte for byte. */
export type Insertion = { readonly at: number; readonly text: string };

export const insert = (text: string, { at, text: added }: Insertion): string =>
  text.slice(0, at) + added + text.slice(at);

const byteOrderMark = "\uFEFF";

/**
 * Where and how a new entry goes into a users.yaml that `readUsers` accepts: after the last entry, with the
 * file's indentation, line ends and style (block or flow). The position comes from the parsed Document,
 * because its `toString` would rewrite the whole file. A caller must read the result again before writing it
 * (`spliceUser`).
 */
export const entryInsertion = (text: string, user: User): Insertion => {
  if (!text.startsWith(byteOrderMark)) return intoDocument(text, user);
  const { at, text: added } = intoDocument(text.slice(1), user);
  return { at: at + 1, text: added };
};

const intoDocument = (text: string, user: User): Insertion => {
  const document = parseDocument(text, { uniqueKeys: false });
  const top = document.contents;
  const end = document.range[1];
  if (!isMap(top)) return behindLine(text, end, newList(text, user, 0));
  const users = top.items.find(({ key }) => isScalar(key) && key.value === "users");
  if (users === undefined) {
    if (top.flow) return intoBrackets(top, `"users": [${flowEntry(user)}]`);
    return behindLine(text, end, newList(text, user, columnOf(text, startOf(top))));
  }
  if (isSeq(users.value)) return intoList(text, users.value, user);
  const column = columnOf(text, startOf(users.key));
  const at = endOfOwnLines(text, endOf(users), column);
  return behindLine(text, at, blockEntry(user, { ...usual(text), dash: column + 2 }));
};

/** The style for a file that has no entry yet. */
const usual = (text: string): Omit<EntryStyle, "dash"> => ({ keys: 2, list: 2, lineEnd: lineEndOf(text) });

/** `users:` and its first entry, for a file without `users:`. */
const newList = (text: string, user: User, column: number): string =>
  `${" ".repeat(column)}users:${lineEndOf(text)}${blockEntry(user, { ...usual(text), dash: column + 2 })}`;

const intoList = (text: string, users: YAMLSeq, user: User): Insertion => {
  if (users.flow) return intoBrackets(users, flowEntry(user));
  const style = styleOf(text, users);
  const at = endOfOwnLines(text, endOf(users.items.at(-1)), style.dash);
  const gap = hasBlankLines(text, users) ? style.lineEnd : "";
  return behindLine(text, at, gap + blockEntry(user, style));
};

/** `[]` -> `[new]`, `[a]` -> `[a, new]`, `[a,]` -> `[a, new,]`. */
const intoBrackets = (collection: YAMLMap | YAMLSeq, added: string): Insertion => {
  const last = collection.items.at(-1);
  if (last === undefined) return { at: startOf(collection) + 1, text: added };
  return { at: endOf(last), text: `, ${added}` };
};

/** The style of the last entry. The style of lists comes from its last block list. */
const styleOf = (text: string, users: YAMLSeq): EntryStyle => {
  const column = (node: unknown) => columnOf(text, startOf(node));
  const dash = column(users);
  const keys = Math.max(column(users.items.at(-1)) - dash, 2);
  const values = users.items.findLast(isMap)?.items.map(({ value }) => value) ?? [];
  const list = values.findLast((value) => isSeq(value) && !value.flow);
  return {
    dash,
    keys,
    list: list === undefined ? 2 : Math.max(column(list) - dash - keys, 0),
    lineEnd: lineEndOf(text),
  };
};

/** True if an empty line separates the last two entries. */
const hasBlankLines = (text: string, users: YAMLSeq): boolean => {
  const [before, last] = users.items.slice(-2);
  return last !== undefined && /\n[ \t]*\r?\n/.test(text.slice(endOf(before) - 1, startOf(last)));
};

type Ranged = { readonly range: readonly [number, number, number] };

export const startOf = (node: unknown): number => (node as Ranged).range[0];

/**
 * The end of a value: after its last character, or after the newline that belongs to a block scalar. In yaml
 * 2.9.1 the range of a block list or mapping may include comments of the lines below it, so this is the end
 * of its last value.
 */
export const endOf = (item: unknown): number => {
  if (isPair(item)) return endOf(item.value ?? item.key);
  const isBlock = isCollection(item) && item.flow !== true && item.items.length > 0;
  return isBlock ? endOf(item.items.at(-1)) : (item as Ranged).range[1];
};
