import { effectiveUser, noDefaults, type User, type UserSet } from "@nc/user-wizard";

/** The id of the row of `users` for an entry of users.yaml. */
export const userIdOf = ({ telegram_id: id }: Pick<User, "telegram_id">): string => `telegram:${id}`;

/**
 * The users of a users.yaml by `telegram:N`, with their inherited values. Immutable: a reload creates a new map.
 */
export type UserMap = ReadonlyMap<string, User>;

export const userMapOf = ({ users, defaults }: UserSet): UserMap =>
  new Map(users.map((user) => [userIdOf(user), effectiveUser(user, defaults)]));

/** The same users as a set, to compare it with the set of a file. */
export const userSetOf = (map: UserMap): UserSet => ({ users: [...map.values()], defaults: noDefaults });
