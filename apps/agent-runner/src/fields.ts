import type { Fields } from "@gatehouse/std";

export { fieldsOf, listOf, textOf, type Fields } from "@gatehouse/std";

/** The fields that are there: neither null nor undefined. */
export const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
