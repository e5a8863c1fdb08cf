import { sql, type Kysely } from "kysely";
import { onPostgres } from "./central.fixture.ts";
import type { CentralTables } from "./tables.ts";

/**
 * The plan of the central database for a query, one line for each step. PostgreSQL would scan an empty table
 * even if there is an index for the query. Scans are therefore switched off: it scans only if there is no
 * index.
 */
export const planOf = async (db: Kysely<CentralTables>, query: string): Promise<string> => {
  if (!onPostgres) {
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(db);
    return rows.map(({ detail }) => detail).join("\n");
  }
  return db.transaction().execute(async (transaction) => {
    for (const way of ["seqscan", "bitmapscan"])
      await sql`set local ${sql.raw(`enable_${way}`)} = off`.execute(transaction);
    const explained = sql<{ "QUERY PLAN": string }>`explain (costs off) ${sql.raw(query)}`;
    const { rows } = await explained.execute(transaction);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
};
