import { sql, type Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";

/** Says that a command changed something, to the other hosts. */
export const noteChange = async (db: Kysely<CentralTables>): Promise<void> => {
  await db
    .insertInto("installation")
    .values({ id: 1, changes: 1 })
    .onConflict((there) => there.column("id").doUpdateSet({ changes: sql`installation.changes + 1` }))
    .execute();
};

/** How often that was said. */
export const changesNoted = async (db: Kysely<CentralTables>): Promise<number> =>
  (await db.selectFrom("installation").select("changes").executeTakeFirst())?.changes ?? 0;
