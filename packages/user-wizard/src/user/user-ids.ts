import { fieldKeys, fields, type FieldKey } from "./fields.ts";
import type { User } from "./user.ts";

/** The fields with an id of the person. An entry has at least one of them. */
export const idKeys: readonly FieldKey[] = fieldKeys.filter((key) => fields[key].needed === "one-id");

/** The ids of an entry. */
export type Ids = Pick<User, "telegram_id" | "slack" | "discord">;

const idsIn = (user: Partial<Ids>): readonly { readonly key: FieldKey; readonly value: unknown }[] =>
  idKeys
    .map((key) => ({ key, value: Reflect.get(user, key) as unknown }))
    .filter(({ value }) => value !== null && value !== undefined);

/** The person's ids on their platforms, as `telegram:7` and `slack:T1:U2`, in the order of the fields. */
export const userIdsOf = (user: Partial<Ids>): readonly string[] =>
  idsIn(user).map(({ key, value }) => `${fields[key].platform}:${String(value)}`);

/** The first id of an entry as users.yaml has it: `telegram_id 7`. */
export const idText = (user: Partial<Ids>): string =>
  idsIn(user)
    .slice(0, 1)
    .map(({ key, value }) => `${key} ${String(value)}`)
    .join("");

/** True if both entries have an id in common. */
export const isSamePerson = (a: Partial<Ids>, b: Partial<Ids>): boolean => {
  const ids = userIdsOf(a);
  return userIdsOf(b).some((id) => ids.includes(id));
};

/** The name of a person's folders: their `telegram_id`, or without one another id, as `slack-T1-U2`. */
export const folderNameOf = (user: Partial<Ids>): string => {
  const [first = ""] = userIdsOf(user);
  return first.replace(/^telegram:/, "").replaceAll(":", "-");
};
