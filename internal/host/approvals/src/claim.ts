import type { Kysely, Selectable } from "kysely";
import type { Actor, CommandError, Signature } from "@nc/cli-scope";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import { nameOfActor, refused } from "@gatehouse/command-context";
import { ok, type Result } from "@gatehouse/std";
import { mayAnswer } from "./approvers/approvers.ts";
import { concernedBy } from "./approvers/concerned-groups.ts";
import { isAskedPerson } from "./questions/asked-person.ts";
import { ifShown, shownTo } from "./shown-to.ts";

/** The row of an approval before its answer, with its arguments. After `claim` it also has `answered_by`. */
export type Pending = Selectable<ApprovalRow>;

/** An answer. `at` is ISO 8601, UTC. */
export type Answer = {
  readonly id: string;
  readonly actor: Actor;
  readonly status: "approved" | "rejected";
  readonly at: string;
};

/**
 * Marks a pending approval as answered, and returns it with its arguments. Of two answers at the same time,
 * the second is refused. `commands` are all commands.
 */
export const claim = async (
  db: Kysely<CentralTables>,
  { id, actor, status, at }: Answer,
  commands: readonly Signature[],
): Promise<Result<Pending, CommandError>> => {
  const found = await db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("approval_id", "=", id)
    .executeTakeFirst();
  const isAsked = await isAskedPerson(db, actor, id);
  const shown = isAsked && found !== undefined ? ok(found) : ifShown(await shownTo(db, actor), id, found);
  if (!shown.ok) return shown;
  const row = shown.value;
  if (row.status === "expired" || (row.status === "pending" && row.expires_at <= at)) return expired(row);
  if (row.status !== "pending") return answered(row);
  if (!isAsked && !(await mayAnswer(db, actor, await concernedBy(db, row, commands))))
    return mayNotAnswer(row);
  const answered_by = nameOfActor(actor);
  const { numUpdatedRows } = await db
    .updateTable("pending_approvals")
    .set({ status, answered_by, answered_at: at, args: "{}" })
    .where("approval_id", "=", id)
    .where("status", "=", "pending")
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ok: true, value: { ...row, answered_by } } : answered(row);
};

const mayNotAnswer = ({ approval_id: id }: Pending) =>
  refused(
    "permission-denied",
    `An owner answers ${id}, or an admin of all groups, or an admin of every group that it reaches.`,
  );

const expired = ({ approval_id: id, expires_at: at }: Pending) =>
  refused("handler-error", `${id} expired at ${at}: the agent must ask again.`);

const answered = ({ approval_id: id, status, answered_by: by }: Pending) =>
  refused("handler-error", `${id} was answered already: ${status}${by === null ? "" : ` by ${by}`}.`);
