import { sql, type RawBuilder } from "kysely";

/** The condition that a column holds one of these texts. A null also passes. */
export const oneOf = (column: string, values: readonly string[]): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref(column)} in (${sql.join(values.map((value) => sql.lit(value)))})`;
