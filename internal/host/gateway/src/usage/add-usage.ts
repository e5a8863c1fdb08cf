import type { CentralTables } from "@gatehouse/central-database";
import { sql, type Kysely, type Transaction } from "kysely";
import type { Tokens } from "../rules/read-usage.ts";
import type { Budget, Counts } from "./budget.ts";

/** The key of a row of usage. */
export type UsageKey = Pick<
  CentralTables["usage"],
  "agent_group_id" | "day" | "session_id" | "user_id" | "provider" | "model"
>;

type Added = Pick<Tokens, "input" | "output"> & {
  readonly requests: number;
  /** Millionths of the currency; null if the price is not known. */
  readonly cost: number | null;
};

/** Adds to what a session used of a model on a day. */
export const addUsage = async (
  db: Transaction<CentralTables>,
  key: UsageKey,
  { requests, input, output, cost }: Added,
): Promise<void> => {
  const priced = cost === null ? 0 : requests;
  await db
    .insertInto("usage")
    .values({ ...key, requests, input_tokens: input, output_tokens: output, cost, priced_requests: priced })
    .onConflict((there) =>
      there.columns(["agent_group_id", "day", "session_id", "user_id", "provider", "model"]).doUpdateSet({
        requests: sql`usage.requests + ${requests}`,
        input_tokens: sql`usage.input_tokens + ${input}`,
        output_tokens: sql`usage.output_tokens + ${output}`,
        priced_requests: sql`usage.priced_requests + ${priced}`,
        ...(cost === null ? {} : { cost: sql`coalesce(usage.cost, 0) + ${cost}` }),
      }),
    )
    .execute();
};

type Tx = Transaction<CentralTables>;

/** The table of the sums of each kind of budget, and its key beside the day. */
const places = {
  group: { table: "usage_days", key: "agent_group_id" },
  person: { table: "usage_person_days", key: "user_id" },
} as const;

/**
 * Adds to the sums of a day and returns them, unless a limit would be exceeded: then it returns null. One
 * statement compares and adds, so that requests at once cannot pass a limit together, on several hosts neither.
 */
export const addToDay = async (
  db: Tx,
  { kind, id, day, limits }: Budget,
  added: Counts,
): Promise<Counts | null> => {
  if (limits.some(({ counts, most }) => added[counts] > most)) return null;
  const { table, key } = places[kind];
  const sum = (name: keyof Counts) => sql`${sql.ref(`${table}.${name}`)} + ${added[name]}`;
  const conditions = limits.map(({ counts, most }) => sql`${sum(counts)} <= ${most}`);
  const { rows } = await sql<Counts>`
    insert into ${sql.table(table)} (${sql.ref(key)}, day, requests, tokens, cost)
    values (${id}, ${day}, ${added.requests}, ${added.tokens}, ${added.cost})
    on conflict (${sql.ref(key)}, day) do update
    set requests = ${sum("requests")}, tokens = ${sum("tokens")}, cost = ${sum("cost")}
    where ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)}
    returning requests, tokens, cost`.execute(db);
  return rows[0] ?? null;
};

/** Adds to the sums of a day without a limit, and returns them. The counts may be negative. */
export const correctDay = async (db: Tx, budget: Budget, more: Counts): Promise<Counts> =>
  (await addToDay(db, { ...budget, limits: [] }, more)) ?? none;

/** The sums of a budget's day, reservations included. */
export const sumsOf = async (db: Kysely<CentralTables>, { kind, id, day }: Budget): Promise<Counts> => {
  const { table, key } = places[kind];
  const { rows } = await sql<Counts>`
    select requests, tokens, cost from ${sql.table(table)}
    where ${sql.ref(key)} = ${id} and day = ${day}`.execute(db);
  return rows[0] ?? none;
};

export const none: Counts = { requests: 0, tokens: 0, cost: 0 };

/** The sums of all groups or persons on these days, by one query. `sums.get(id)?.get(day)`. */
export const sumsOnDays = async (
  db: Kysely<CentralTables>,
  kind: Budget["kind"],
  days: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, Counts>>> => {
  const { table, key } = places[kind];
  const sums = new Map<string, Map<string, Counts>>();
  if (days.length === 0) return sums;
  const { rows } = await sql<Counts & { readonly id: string; readonly day: string }>`
    select ${sql.ref(key)} as id, day, requests, tokens, cost from ${sql.table(table)}
    where day in (${sql.join(days)})`.execute(db);
  for (const { id, day, ...counts } of rows) sums.set(id, (sums.get(id) ?? new Map()).set(day, counts));
  return sums;
};
