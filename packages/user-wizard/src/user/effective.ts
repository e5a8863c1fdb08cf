import { fieldOf, inheritedKeys, type FieldKey } from "./fields.ts";
import { shownValue } from "../users-file/entry-text.ts";
import type { Defaults, User } from "./user.ts";

/** The values that a host uses: the entry's, else those of `defaults:`. */
export const effectiveUser = <U extends User>(user: U, defaults: Defaults): U => {
  const inherited = inheritedKeys.map((key) => [key, user[key] ?? Reflect.get(defaults, key)]);
  return { ...user, ...Object.fromEntries(inherited) };
};

/** A value and its origin, as a review shows them: `model: sonnet (inherited)`. */
export const describeValue = (key: FieldKey, user: User, defaults: Defaults): string => {
  const said = user[key];
  const inherited = fieldOf(key).inherits ? Reflect.get(defaults, key) : null;
  if (said !== null || inherited === null) return `${key}: ${shownValue(key, said)}`;
  return `${key}: ${shownValue(key, inherited)} (inherited)`;
};
