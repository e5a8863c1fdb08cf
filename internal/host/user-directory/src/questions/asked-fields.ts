import { fieldKeys, fieldOf, type FieldKey } from "@nc/user-wizard";

/** The fields with a question and a flag. */
export const askedFields: readonly FieldKey[] = fieldKeys.filter((key) => fieldOf(key).asked);

/** A field that the host uses, and for which `defaults:` of users.yaml has no value, is always asked for. */
const isAlwaysAsked = (key: FieldKey): boolean => fieldOf(key).isUsed && !fieldOf(key).inherits;

/** The fields that are always asked for. */
export const usedFields: readonly FieldKey[] = askedFields.filter(isAlwaysAsked);

/** The other fields. They are asked for only after a yes to one question. */
export const moreFields: readonly FieldKey[] = askedFields.filter((key) => !isAlwaysAsked(key));
