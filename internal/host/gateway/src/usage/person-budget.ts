import type { CentralTables } from "@gatehouse/central-database";
import { parseJson } from "@gatehouse/std";
import type { User } from "@nc/user-wizard";
import type { Kysely } from "kysely";
import { millionths } from "../prices/price-table.ts";
import { limitsOf, type Budget } from "./budget.ts";
import { dayOf } from "./day-of.ts";

/**
 * The day of a person, in the host's timezone, since a person may write to groups of several timezones. Without
 * `max_cost_per_day` the limit of money is `max_budget` of users.yaml.
 */
export const personBudget = async (db: Kysely<CentralTables>, id: string, now: Date): Promise<Budget> => {
  const row = await db
    .selectFrom("users")
    .leftJoin("file_users", "file_users.user_id", "users.id")
    .select(["display_name", "entry", "max_requests_per_day", "max_tokens_per_day", "max_cost_per_day"])
    .where("users.id", "=", id)
    .executeTakeFirst();
  const own = row?.max_cost_per_day ?? null;
  const money = own ?? budgetIn(row?.entry ?? null);
  const limits = {
    maxRequests: row?.max_requests_per_day ?? null,
    maxTokens: row?.max_tokens_per_day ?? null,
    maxCost: money === null ? null : Math.round(money * millionths),
  };
  return {
    ...{ kind: "person", id, name: row?.display_name ?? id, day: dayOf(now, null), timezone: null },
    limits: limitsOf(limits, own === null ? "max_budget" : "max_cost_per_day"),
  };
};

/** `max_budget` of an entry of users.yaml. */
const budgetIn = (entry: string | null): number | null => {
  const { max_budget: budget = null } = (entry === null ? {} : parseJson(entry)) as Partial<User>;
  return budget;
};
