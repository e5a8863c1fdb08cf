import type { Kysely } from "kysely";
import { oneLine } from "@gatehouse/std";
import type { CentralTables } from "../tables.ts";

/** Leaves notices, each one line, for the owners of the host. A notice whose id is there already is not left again. */
export const noteOwners = async (
  db: Kysely<CentralTables>,
  notices: readonly Pick<CentralTables["owner_notices"], "created_at" | "id" | "text">[],
): Promise<void> => {
  await db
    .insertInto("owner_notices")
    .values(notices.map((notice) => ({ ...notice, text: oneLine(notice.text), told_at: null })))
    .onConflict((there) => there.doNothing())
    .execute();
};
