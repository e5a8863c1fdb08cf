import { fieldKeys, fieldOf, type FieldKey } from "@nc/user-wizard";

/** The fields that are asked for and have a flag. */
export const askedFields: readonly FieldKey[] = fieldKeys.filter((key) => fieldOf(key).asked);
