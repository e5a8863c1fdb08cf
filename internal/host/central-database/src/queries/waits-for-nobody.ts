import { sql, type Expression, type SqlBool } from "kysely";

/** In a table with `waits_for`: the message waits for no person, or its question has an answer, or is gone. */
export const waitsForNobody: Expression<SqlBool> = sql<SqlBool>`(waits_for is null or not exists (
  select 1 from pending_approvals where approval_id = waits_for and status = 'pending'))`;
