import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** Tells the other hosts of the database that a command changed something. */
export const noteChange = async (db: Kysely<CentralTables>): Promise<void> => {
  await db
    .insertInto("installation")
    .values({ id: 1, changes: 1 })
    .onConflict((there) => there.column("id").doUpdateSet({ changes: sql`installation.changes + 1` }))
    .execute();
};

/** The number of calls of `noteChange` by all hosts. A host that sees it rise looks for changes. */
export const changesNoted = async (db: Kysely<CentralTables>): Promise<number> =>
  (await db.selectFrom("installation").select("changes").executeTakeFirst())?.changes ?? 0;
