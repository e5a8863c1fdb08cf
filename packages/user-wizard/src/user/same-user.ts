import { fieldKeys, inheritedKeys, type FieldKey } from "./fields.ts";
import type { User, UserSet } from "./user.ts";

/** True if two values of a field are equal. Lists are compared item by item, in order. */
export const sameValue = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((item, index) => item === b[index])
    : a === b;

/** The fields in which two entries differ. */
export const differingFields = (a: User, b: User): readonly FieldKey[] =>
  fieldKeys.filter((key) => !sameValue(a[key], b[key]));

export const sameSet = (a: UserSet, b: UserSet): boolean =>
  a.users.length === b.users.length &&
  inheritedKeys.every((key) => sameValue(Reflect.get(a.defaults, key), Reflect.get(b.defaults, key))) &&
  a.users.every((user, index) => differingFields(user, b.users[index]!).length === 0);
