import { type CentralTables, noteOwners } from "@gatehouse/central-database";
import type { Kysely, Transaction } from "kysely";
import { noticeText } from "../rules/limit-messages.ts";
import { type Budget, type Counts, dayOf, type Limit, nearLimits } from "./budget.ts";

type Tx = Transaction<CentralTables>;

type Used = {
  readonly budget: Budget;
  readonly sums: Counts;
  /** The estimate of a request that was refused; absent without one. */
  readonly added?: Counts;
  readonly currency: string | null;
  readonly now: Date;
};

/** Leaves a notice for the owners about each limit of which 80 % are used, once for each limit and day. */
export const noteNearLimits = (db: Tx, used: Used): Promise<void> =>
  noteLimits(db, used, nearLimits(used.budget, used.sums));

/** Leaves a notice about these limits, unless the owners have one of this day. */
export const noteLimits = async (db: Tx, used: Used, limits: readonly Limit[]): Promise<void> => {
  const { budget, now } = used;
  if (limits.length === 0) return;
  const rows = limits.map((limit) => ({
    id: ["budget", budget.kind, budget.id, budget.day, limit.field].join("/"),
    text: noticeText({ ...used, limit }),
    created_at: now.toISOString(),
  }));
  await noteOwners(db, rows);
};

/** Leaves notices of trouble that only an owner can end: once for each key and day of the host. */
export const troubleNotices =
  (db: Kysely<CentralTables>, now: () => Date) =>
  (key: string, text: string): Promise<void> => {
    const at = now();
    const id = ["trouble", key, dayOf(at, null)].join("/");
    return noteOwners(db, [{ id, text, created_at: at.toISOString() }]);
  };
