import type { DeleteQueryBuilder, DeleteResult, Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";

/** How long an approval is kept after it was answered or expired, ms. */
const keptFor = 90 * 24 * 60 * 60 * 1000;

/** Deletes approvals that ended long before `now`. A pending one has no answer, and stays. */
export const forgetOldApprovals = (
  db: Kysely<CentralTables>,
  now: string,
): DeleteQueryBuilder<CentralTables, "pending_approvals", DeleteResult> =>
  db
    .deleteFrom("pending_approvals")
    .where("answered_at", "<=", new Date(Date.parse(now) - keptFor).toISOString());
