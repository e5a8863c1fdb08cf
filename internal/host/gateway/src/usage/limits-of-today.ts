import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { parseJson } from "@gatehouse/std";
import type { User } from "@nc/user-wizard";
import { millionths } from "../prices/price-table.ts";
import { none, sumsOnDays } from "./add-usage.ts";
import { type Budget, type Counts, dayOf, limitsOf } from "./budget.ts";

/** One limit of a group or person, and its use on the present day. Money in units of the currency. */
export type LimitToday = {
  /** The id of the group or person. */
  readonly key: string;
  readonly name: string;
  readonly day: string;
  readonly limit: string;
  readonly most: number;
  /** Reservations included. */
  readonly used: number;
};

type Db = Kysely<CentralTables>;

/** The limits of all groups or persons, and their use today. `now` decides the day. */
export const limitsToday = async (
  db: Db,
  kind: Budget["kind"],
  now: Date,
): Promise<readonly LimitToday[]> => {
  const budgets = kind === "group" ? await groupBudgets(db, now) : await personBudgets(db, now);
  const sums = await sumsOnDays(db, kind, [...new Set(budgets.map(({ day }) => day))]);
  return budgets.flatMap((budget) => limitsIn(budget, sums.get(budget.id)?.get(budget.day) ?? none));
};

/** The limits of one budget, with its sums of today. */
export const limitsIn = ({ id, name, day, limits }: Budget, sums: Counts): readonly LimitToday[] =>
  limits.map(({ field, counts, most }) => {
    const unit = counts === "cost" ? millionths : 1;
    return { key: id, name, day, limit: field, most: most / unit, used: sums[counts] / unit };
  });

/** The budget of a group's day. */
export const groupBudget = (
  { id, name, timezone, maxRequests, maxTokens, maxCost }: GroupLimits,
  now: Date,
): Budget => ({
  kind: "group",
  id,
  name,
  day: dayOf(now, timezone),
  timezone,
  limits: limitsOf({
    maxRequests,
    maxTokens,
    maxCost: maxCost === null ? null : Math.round(maxCost * millionths),
  }),
});

type GroupLimits = {
  readonly id: string;
  readonly name: string;
  readonly timezone: string | null;
  readonly maxRequests: number | null;
  readonly maxTokens: number | null;
  /** In units of the currency. */
  readonly maxCost: number | null;
};

const groupRows = (db: Db) =>
  db
    .selectFrom("agent_groups")
    .innerJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
    .select(["agent_groups.id", "agent_groups.name", "timezone"])
    .select(["max_requests_per_day as maxRequests", "max_tokens_per_day as maxTokens"])
    .select("max_cost_per_day as maxCost");

const groupBudgets = async (db: Db, now: Date): Promise<readonly Budget[]> =>
  (await groupRows(db).orderBy("agent_groups.name").execute()).map((row) => groupBudget(row, now));

/** The budget of a group's day; null if there is no such group. */
export const limitsOfGroup = async (db: Db, id: string, now: Date): Promise<Budget | null> => {
  const row = await groupRows(db).where("agent_groups.id", "=", id).executeTakeFirst();
  return row === undefined ? null : groupBudget(row, now);
};

const personBudgets = async (db: Db, now: Date): Promise<readonly Budget[]> => {
  const users = await db.selectFrom("users").select("id").orderBy("id").execute();
  const budgets: Budget[] = [];
  for (const { id } of users) budgets.push(await personBudget(db, id, now));
  return budgets;
};

/**
 * The day of a person, in the host's timezone, since a person may write to groups of several timezones. Without
 * `max_cost_per_day` the limit of money is `max_budget` of users.yaml.
 */
export const personBudget = async (db: Db, id: string, now: Date): Promise<Budget> => {
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
    kind: "person",
    id,
    name: row?.display_name ?? id,
    day: dayOf(now, null),
    timezone: null,
    limits: limitsOf(limits, own === null ? "max_budget" : "max_cost_per_day"),
  };
};

/** `max_budget` of an entry of users.yaml. */
const budgetIn = (entry: string | null): number | null => {
  const { max_budget: budget = null } = (entry === null ? {} : parseJson(entry)) as Partial<User>;
  return budget;
};
