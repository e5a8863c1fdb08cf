import type { DeleteQueryBuilder, DeleteResult, Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { forgetUntil } from "@gatehouse/command-context";

/** Deletes approvals that ended long before `now`. A pending one has no answer, and stays. */
export const forgetOldApprovals = (
  db: Kysely<CentralTables>,
  now: string,
): DeleteQueryBuilder<CentralTables, "pending_approvals", DeleteResult> =>
  db.deleteFrom("pending_approvals").where("answered_at", "<=", forgetUntil(now));
