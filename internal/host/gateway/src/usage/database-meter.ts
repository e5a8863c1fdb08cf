import type { CentralTables } from "@gatehouse/central-database";
import { personInWork, personOfSession } from "@gatehouse/session-rows";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Kysely, Transaction } from "kysely";
import type { Counted, Meter, Settle } from "../forward/meter.ts";
import { costOf, estimatedCost, type Price, priceOf } from "../prices/price-table.ts";
import type { readPrices } from "../prices/prices-file.ts";
import { limitReached, noPrice, otherPrice, pricesUnreadable } from "../rules/limit-messages.ts";
import type { Tokens } from "../rules/read-usage.ts";
import type { Refusal } from "../rules/refusal-messages.ts";
import { addToDay, addUsage, correctDay, sumsOf, type UsageKey } from "./add-usage.ts";
import { type Budget, type Counts, exceeded, moneyLimit } from "./budget.ts";
import { groupBudget, personBudget } from "./limits-of-today.ts";
import { noteLimits, noteNearLimits } from "./notices.ts";

type MeterOptions = {
  /** Writes durably. */
  readonly db: Kysely<CentralTables>;
  /** The operator's prices, as they are at each request. */
  readonly prices: () => ReturnType<typeof readPrices>;
  readonly now: () => Date;
};

/** A request with its budgets, those of the group and of the person, and its price. */
type Measured = {
  readonly key: UsageKey;
  /** The group's budget comes first everywhere, so that two requests cannot wait for each other. */
  readonly budgets: readonly Budget[];
  readonly price: Price | null;
  readonly currency: string | null;
  readonly tokens: Tokens;
  readonly least: Tokens;
};

/**
 * Counts in the database. A reservation adds its estimate to the sums, and settling replaces it by the usage. So
 * a request of a host that is killed stays counted by its estimate.
 */
export const databaseMeter = (options: MeterOptions): Meter => ({
  reserve: async (request) => {
    const measured = await measure(options, request);
    if (!measured.ok) return measured;
    const { db } = options;
    const refusal = await db
      .transaction()
      .execute((transaction) => reserveIn(transaction, measured.value, options.now()));
    return refusal === null ? ok(settleOf(options, measured.value)) : fail(refusal);
  },
});

const measure = async (
  { db, prices, now }: MeterOptions,
  { caller, vendor, model, tokens, least, otherPrice: field }: Counted,
): Promise<Result<Measured, Refusal>> => {
  const at = now();
  const [table, userId] = await Promise.all([prices(), personOf(db, caller)]);
  const group = groupBudget({ ...caller, id: caller.groupId, name: caller.groupName }, at);
  const budgets = userId === null ? [group] : [group, await personBudget(db, userId, at)];
  const money = moneyLimit(budgets);
  if (money !== null && !table.ok)
    return fail(pricesUnreadable("problems" in table.error ? table.error.problems : [table.error.code]));
  const known = table.ok ? table.value : null;
  const price = field === null ? priceOf(known, model) : null;
  if (money !== null && field !== null) return fail(otherPrice(money.budget, money.limit, field));
  if (money !== null && price === null) return fail(noPrice(money.budget, money.limit, model));
  const key = {
    agent_group_id: caller.groupId,
    day: group.day,
    session_id: caller.sessionId,
    user_id: userId ?? "",
    provider: vendor,
    model,
  };
  return ok({ key, budgets, price, currency: known?.currency ?? null, tokens, least });
};

/** The person whose request it is; null for nobody's. */
const personOf = async (db: Kysely<CentralTables>, caller: Counted["caller"]): Promise<string | null> =>
  (await personInWork(db, caller)) ?? (await personOfSession(db, caller.sessionId))?.userId ?? null;

/** Adds the estimate to all budgets, or to none. Returns the refusal of a limit; null if it was added. */
const reserveIn = async (
  db: Transaction<CentralTables>,
  { key, budgets, price, currency, tokens, least }: Measured,
  now: Date,
): Promise<Refusal | null> => {
  const cost = price === null ? null : estimatedCost(price, tokens);
  const added = countsOf(price, tokens);
  for (const [place, budget] of budgets.entries()) {
    const sums = await addToDay(db, budget, added);
    if (sums === null) {
      // No other transaction has seen what it takes back.
      for (const earlier of budgets.slice(0, place)) await correctDay(db, earlier, negative(added));
      return refuse(db, { budget, added, least: countsOf(price, least), currency, now });
    }
    // The estimate may be far above the usage, so owners are not told of it.
    await noteNearLimits(db, { budget, currency, now, sums: plus(sums, negative(added)) });
  }
  await addUsage(db, key, { requests: 1, input: tokens.input, output: tokens.output, cost });
  return null;
};

/** The estimate of one request in the units of limits. */
const countsOf = (price: Price | null, tokens: Tokens): Counts => ({
  requests: 1,
  tokens: tokens.input + tokens.output,
  cost: price === null ? 0 : estimatedCost(price, tokens),
});

type Refused = {
  readonly budget: Budget;
  readonly added: Counts;
  readonly least: Counts;
  readonly currency: string | null;
  readonly now: Date;
};

const refuse = async (
  db: Transaction<CentralTables>,
  { budget, added, least, currency, now }: Refused,
): Promise<Refusal> => {
  const sums = await sumsOf(db, budget);
  // Another request may have settled since the refusal. Then the first limit is named.
  const limit = exceeded(budget, sums, added) ?? budget.limits[0];
  if (limit === undefined) throw new Error(`A budget without limits refused a request: ${budget.id}`);
  await noteLimits(db, { budget, sums, added, currency, now }, [limit]);
  return limitReached({ budget, limit, sums, added, least });
};

const settleOf =
  ({ db, now }: MeterOptions, { key, budgets, price, currency, tokens }: Measured): Settle =>
  async (used) => {
    const { input: inputUsed, output: outputUsed } = used ?? { input: 0, output: 0 };
    const paid = price === null || used === null ? 0 : costOf(price, used);
    const cost = price === null ? null : paid - estimatedCost(price, tokens);
    const [input, output] = [inputUsed - tokens.input, outputUsed - tokens.output];
    const requests = used === null ? -1 : 0;
    const more = { requests, tokens: input + output, cost: cost ?? 0 };
    await db.transaction().execute(async (transaction) => {
      for (const budget of budgets) {
        const sums = await correctDay(transaction, budget, more);
        await noteNearLimits(transaction, { budget, sums, currency, now: now() });
      }
      await addUsage(transaction, key, { requests, input, output, cost });
    });
  };

const plus = (one: Counts, other: Counts): Counts => ({
  requests: one.requests + other.requests,
  tokens: one.tokens + other.tokens,
  cost: one.cost + other.cost,
});

const negative = ({ requests, tokens, cost }: Counts): Counts => ({
  requests: -requests,
  tokens: -tokens,
  cost: -cost,
});
