import type { Kysely } from "kysely";
import type { CentralTables } from "../tables.ts";

/** Leaves notices for the owners of the host. A notice whose id is there already is not left again. */
export const noteOwners = async (
  db: Kysely<CentralTables>,
  notices: readonly Pick<CentralTables["owner_notices"], "created_at" | "id" | "text">[],
): Promise<void> => {
  await db
    .insertInto("owner_notices")
    .values(notices.map((notice) => ({ ...notice, told_at: null })))
    .onConflict((there) => there.doNothing())
    .execute();
};
