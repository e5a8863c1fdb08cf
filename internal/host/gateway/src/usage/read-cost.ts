import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { millionths } from "../prices/price-table.ts";
import { sumsOf } from "./add-usage.ts";
import type { Budget, Counts } from "./budget.ts";
import { usageOfSession } from "./read-usage-rows.ts";
import { limitsIn, limitsOfGroup, type LimitToday, personBudget } from "./limits-of-today.ts";

/** A sum of usage. Money in units of the currency. */
export type Used = {
  readonly requests: number;
  readonly tokens: number;
  /** Null if no request had a price. */
  readonly cost: number | null;
  /** The requests whose price was not known. They are not in the cost. */
  readonly unpricedRequests: number;
};

/** The usage of one conversation, and of the day of its group and of a person. */
export type CostShown = {
  readonly session: Used;
  /** The group's first. */
  readonly days: readonly {
    readonly kind: Budget["kind"];
    readonly name: string;
    readonly used: Counts;
    readonly limits: readonly LimitToday[];
  }[];
};

/** Whose usage is read. */
export type CostPlace = {
  readonly groupId: string;
  readonly userId: string;
  /** Null: nothing was used yet. */
  readonly sessionId: string | null;
};

type Db = Kysely<CentralTables>;

/** Reads what a conversation used, and what its group and a person used today. `now` decides the day. */
export const readCost = async (
  db: Db,
  { groupId, userId, sessionId }: CostPlace,
  now: Date,
): Promise<CostShown> => {
  const group = await limitsOfGroup(db, groupId, now);
  const budgets = [...(group === null ? [] : [group]), await personBudget(db, userId, now)];
  const days: CostShown["days"][number][] = [];
  for (const budget of budgets) {
    const { kind, name } = budget;
    const sums = await sumsOf(db, budget);
    const used = { ...sums, cost: sums.cost / millionths };
    days.push({ kind, name, used, limits: limitsIn(budget, sums) });
  }
  const { inputTokens, outputTokens, ...session } = await usageOfSession(db, sessionId ?? "");
  return { session: { ...session, tokens: inputTokens + outputTokens }, days };
};
