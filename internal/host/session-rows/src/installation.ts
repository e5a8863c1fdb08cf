import { randomBytes } from "node:crypto";
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

/** Returns the name of the installation, which all hosts of the database share. Makes it at the first call. */
export const installationName = async (db: Kysely<CentralTables>): Promise<string> => {
  const name = randomBytes(8).toString("hex");
  await db
    .insertInto("installation")
    .values({ id: 1, changes: 0, name })
    .onConflict((there) =>
      there.column("id").doUpdateSet({ name: sql`coalesce(installation.name, excluded.name)` }),
    )
    .execute();
  return (await installationNameIn(db)) ?? name;
};

/** The name of the installation; null if none was made. */
export const installationNameIn = async (db: Kysely<CentralTables>): Promise<string | null> =>
  (await db.selectFrom("installation").select("name").executeTakeFirst())?.name ?? null;
