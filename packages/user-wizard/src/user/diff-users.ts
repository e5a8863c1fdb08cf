import { effectiveUser } from "./effective.ts";
import { fieldOf, type ChangeEffect, type FieldKey } from "./fields.ts";
import { differingFields } from "./same-user.ts";
import { userIdsOf } from "./user-ids.ts";
import type { User, UserSet } from "./user.ts";

export type FieldChange = { readonly field: FieldKey; readonly effect: ChangeEffect };

export type UserChange<U extends User = User> = {
  readonly user: U;
  readonly fields: readonly FieldChange[];
  /** The strongest effect of its fields. */
  readonly effect: ChangeEffect;
};

/** The changes of a reload. Users include their inherited values (`effectiveUser`). */
export type UsersDiff<U extends User = User> = {
  readonly added: readonly U[];
  readonly removed: readonly U[];
  readonly changed: readonly UserChange<U>[];
};

const strength: readonly ChangeEffect[] = ["live", "ends-sessions", "needs-restart"];

/** The first id: an entry that gets a telegram_id is another person, whose folders have another name. */
const firstId = (user: User): string => userIdsOf(user)[0] ?? "";

/**
 * Compares two sets by their effect on a host: a new default changes every user who inherits it. Users of one id are
 * one person; `idOf` gives it (default: the first id). Linear in the number of users.
 */
export const diffUsers = <U extends User = User>(
  before: UserSet<U>,
  after: UserSet<U>,
  idOf: (user: U) => string = firstId,
): UsersDiff<U> => {
  const byId = ({ users, defaults }: UserSet<U>): ReadonlyMap<string, U> =>
    new Map(users.map((user) => [idOf(user), effectiveUser(user, defaults)]));
  const [old, now] = [byId(before), byId(after)];
  const changed = [...now].flatMap(([id, user]) => {
    const was = old.get(id);
    return was === undefined ? [] : changeOf(was, user);
  });
  return {
    added: [...now].flatMap(([id, user]) => (old.has(id) ? [] : [user])),
    removed: [...old].flatMap(([id, user]) => (now.has(id) ? [] : [user])),
    changed,
  };
};

const changeOf = <U extends User>(was: U, user: U): readonly UserChange<U>[] => {
  const fields = differingFields(was, user).map((field) => ({ field, effect: fieldOf(field).onChange }));
  if (fields.length === 0) return [];
  const effect = strength.findLast((one) => fields.some((field) => field.effect === one))!;
  return [{ user, fields, effect }];
};
