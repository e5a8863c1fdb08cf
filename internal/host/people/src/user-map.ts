import { setImmediate as nextTurn } from "node:timers/promises";
import {
  diffUsers,
  effectiveUser,
  noDefaults,
  type User,
  type UserSet,
  type UsersDiff,
} from "@nc/user-wizard";

/** The id of the row of `users` for an entry of users.yaml. */
export const userIdOf = ({ telegram_id: id }: Pick<User, "telegram_id">): string => `telegram:${id}`;

/**
 * The users of a users.yaml by `telegram:N`, with their inherited values. Immutable: a reload creates a new map.
 */
export type UserMap = ReadonlyMap<string, User>;

/**
 * The number of users to compare or write in one turn of the event loop. It takes about a millisecond, so that
 * other work does not wait long.
 */
const portion = 100;

const setOf = (users: readonly User[]): UserSet => ({ users, defaults: noDefaults });

/** Splits the items into portions, with a turn of the event loop after each. */
export const inPortions = async <T>(
  all: readonly T[],
  work: (some: readonly T[]) => Promise<void> | void,
): Promise<void> => {
  for (let first = 0; first < all.length; first += portion) {
    await work(all.slice(first, first + portion));
    await nextTurn();
  }
};

/** Compares the new file with the users that the host knows. Returns the changes and the new users. */
export const diffSets = async (
  before: UserMap,
  { users, defaults }: UserSet,
): Promise<{ readonly after: UserMap; readonly diff: UsersDiff }> => {
  const after = new Map<string, User>();
  const diffs: UsersDiff[] = [];
  await inPortions(users, (some) => {
    const now = some.map((user) => effectiveUser(user, defaults));
    const known = now.flatMap((user) => before.get(userIdOf(user)) ?? []);
    diffs.push(diffUsers(setOf(known), setOf(now)));
    for (const user of now) after.set(userIdOf(user), user);
  });
  const removed = [...before].flatMap(([id, user]) => (after.has(id) ? [] : [user]));
  return {
    after,
    diff: {
      added: diffs.flatMap(({ added }) => added),
      removed,
      changed: diffs.flatMap(({ changed }) => changed),
    },
  };
};
