import { readUsers } from "./read-users.ts";
import type { Result } from "@gatehouse/std";
import { sameSet } from "../user/same-user.ts";
import type { User, UserSet } from "../user/user.ts";
import type { LayoutRefused } from "./splice-user.ts";
import { cut, entrySpan } from "./splice-out.ts";

/** The users of a file without this one. */
export const withoutUser = ({ users, defaults }: UserSet, { telegram_id: id }: User): UserSet => ({
  users: users.filter((other) => other.telegram_id !== id),
  defaults,
});

/** Cuts an entry out of the text, and reads the result again: it must have all other users, in order. */
export const cutUser = (text: string, set: UserSet, user: User): Result<string, LayoutRefused> => {
  const span = entrySpan(
    text,
    set.users.findIndex(({ telegram_id: id }) => id === user.telegram_id),
  );
  const after = span === null ? text : cut(text, span);
  const read = readUsers(after);
  if (read.ok && sameSet(read.value, withoutUser(set, user))) return { ok: true, value: after };
  return { ok: false, error: { code: "layout-refused" } };
};
