import { fieldKeys, fieldOf, type FieldKey } from "@nc/user-wizard";

/** The fields that are asked for and have a flag. */
export const askedFields: readonly FieldKey[] = fieldKeys.filter((key) => fieldOf(key).asked);

/** The fields that the host acts on: each has its question. */
export const usedFields: readonly FieldKey[] = askedFields.filter((key) => fieldOf(key).isUsed);

/** The other ones, which are only kept: they come behind one question. */
export const moreFields: readonly FieldKey[] = askedFields.filter((key) => !fieldOf(key).isUsed);
