import { readUsers } from "./read-users.ts";
import type { Result } from "@gatehouse/std";
import { sameSet } from "../user/same-user.ts";
import { entryInsertion, insert } from "./splice.ts";
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
  if (read.ok && sameSet(read.value, wanted)) return { ok: true, value: spliced };
  return { ok: false, error: { code: "layout-refused" } };
};
