import type { Kysely, Selectable } from "kysely";
import type { Actor, CommandError } from "@nc/cli-scope";
import type { ApprovalRow, CentralTables } from "../database/tables.ts";
import { nameOfActor } from "../decisions/name-of-actor.ts";
import { refused } from "../resources/reply.ts";
import type { Result } from "../result.ts";
import { mayAnswer } from "./approvers.ts";

/** An approval as it was while it waited, its arguments still in it. */
export type Pending = Selectable<ApprovalRow>;

/** What an answer says. `at` is ISO 8601, UTC. */
export type Answer = {
  readonly id: string;
  readonly actor: Actor;
  readonly status: "approved" | "rejected";
  readonly at: string;
};

/** Takes a pending approval, so that nobody else can: of two who answer at once one finds it answered. */
export const claim = async (
  db: Kysely<CentralTables>,
  { id, actor, status, at }: Answer,
): Promise<Result<Pending, CommandError>> => {
  const row = await db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("approval_id", "=", id)
    .executeTakeFirst();
  if (row === undefined) return refused("not-found", `There is no approval "${id}": ncl approvals list`);
  if (!(await mayAnswer(db, actor, row)))
    return refused("permission-denied", `An owner or an admin answers ${id}, nobody else.`);
  if (row.status === "expired" || (row.status === "pending" && row.expires_at <= at)) return expired(row);
  const { numUpdatedRows } = await db
    .updateTable("pending_approvals")
    .set({ status, answered_by: nameOfActor(actor), answered_at: at, args: "{}" })
    .where("approval_id", "=", id)
    .where("status", "=", "pending")
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ok: true, value: row } : answered(row);
};

const expired = ({ approval_id: id, expires_at: at }: Pending) =>
  refused("handler-error", `${id} expired at ${at}: the agent has to ask again.`);

const answered = ({ approval_id: id, status, answered_by: by }: Pending) =>
  refused("handler-error", `${id} was answered already: ${status}${by === null ? "" : ` by ${by}`}.`);
