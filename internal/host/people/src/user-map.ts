import {
  diffUsers,
  effectiveUser,
  noDefaults,
  userIdsOf,
  type User,
  type UsersDiff,
  type UserSet,
} from "@nc/user-wizard";

/** An entry of users.yaml by one of its ids, which is the id of a row of `users`. A person of two platforms has two. */
export type Person = User & { readonly userId: string };

/**
 * The people of a users.yaml by their ids, as `telegram:7`, with their inherited values. Immutable: a reload creates a
 * new map.
 */
export type UserMap = ReadonlyMap<string, Person>;

export const userIdOf = ({ userId }: Person): string => userId;

/** All ids of an entry in a sentence: `telegram:7, slack:T1:U2`. */
export const idsText = (user: User): string => userIdsOf(user).join(", ");

export const userMapOf = ({ users, defaults }: UserSet): UserMap =>
  new Map(
    users.flatMap((user) =>
      userIdsOf(user).map((userId) => [userId, { ...effectiveUser(user, defaults), userId }] as const),
    ),
  );

/** The changes between two maps, by id: an id that another entry has now is a change of its person. */
export const diffPeople = (before: UserMap, after: UserMap): UsersDiff<Person> =>
  diffUsers(setOf(before), setOf(after), userIdOf);

const setOf = (map: UserMap): UserSet<Person> => ({ users: [...map.values()], defaults: noDefaults });

/** The number of people: one with two ids counts once. */
export const countOf = (map: UserMap): number =>
  [...map.values()].filter((person) => userIdsOf(person)[0] === person.userId).length;
