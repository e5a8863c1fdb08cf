import { effectiveUser } from "./effective.ts";
import { fieldOf, type ChangeEffect, type FieldKey } from "./fields.ts";
import { differingFields } from "./same-user.ts";
import type { User, UserSet } from "./user.ts";

export type FieldChange = { readonly field: FieldKey; readonly effect: ChangeEffect };

export type UserChange = {
  readonly user: User;
  readonly fields: readonly FieldChange[];
  /** The strongest effect of its fields. */
  readonly effect: ChangeEffect;
};

/**
 * The changes of a reload. Users are compared by telegram_id, and include their inherited values
 * (`effectiveUser`).
 */
export type UsersDiff = {
  readonly added: readonly User[];
  readonly removed: readonly User[];
  readonly changed: readonly UserChange[];
};

const strength: readonly ChangeEffect[] = ["live", "ends-sessions", "needs-restart"];

/**
 * Compares two sets by their effect on a host: a new default changes every user who inherits it. Linear in
 * the number of users.
 */
export const diffUsers = (before: UserSet, after: UserSet): UsersDiff => {
  const [old, now] = [byId(before), byId(after)];
  const changed = [...now.values()].flatMap((user) => {
    const was = old.get(user.telegram_id);
    return was === undefined ? [] : changeOf(was, user);
  });
  return {
    added: [...now.values()].filter(({ telegram_id: id }) => !old.has(id)),
    removed: [...old.values()].filter(({ telegram_id: id }) => !now.has(id)),
    changed,
  };
};

const byId = ({ users, defaults }: UserSet): ReadonlyMap<number, User> =>
  new Map(users.map((user) => [user.telegram_id, effectiveUser(user, defaults)]));

const changeOf = (was: User, user: User): readonly UserChange[] => {
  const fields = differingFields(was, user).map((field) => ({ field, effect: fieldOf(field).onChange }));
  if (fields.length === 0) return [];
  const effect = strength.findLast((one) => fields.some((field) => field.effect === one))!;
  return [{ user, fields, effect }];
};
