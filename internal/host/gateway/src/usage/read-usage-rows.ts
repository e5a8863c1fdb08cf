import type { CentralTables } from "@gatehouse/central-database";
import type { ExpressionBuilder, Kysely } from "kysely";
import { millionths } from "../prices/price-table.ts";

/** The subject of a sum of usage. */
export type UsageBy = "group" | "person" | "day" | "task";

/** A sum of usage. */
export type Used = {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In the currency of the operator's prices; null if no request had a price. */
  readonly cost: number | null;
  /** The requests whose price was not known. They are not in the cost. */
  readonly unpricedRequests: number;
};

export type UsageSum = Used & {
  /** The id of the group, person or task, or the date. Empty: no person's. */
  readonly key: string;
  /** The name of the group or person, the text of the task; null for one that is gone or has none, and for days. */
  readonly name: string | null;
  readonly provider: string;
  readonly model: string;
};

type Db = Kysely<CentralTables>;

const sumsIn = ({ fn }: ExpressionBuilder<CentralTables, "usage">) =>
  [
    fn.sum<number | null>("requests").as("requests"),
    fn.sum<number | null>("priced_requests").as("priced"),
    fn.sum<number | null>("input_tokens").as("input"),
    fn.sum<number | null>("output_tokens").as("output"),
    fn.sum<number | null>("cost").as("cost"),
  ] as const;

type SumRow = Readonly<Record<"requests" | "priced" | "input" | "output" | "cost", number | null>>;

/** Converts sums: PostgreSQL gives each as a text, and a sum of no rows is null. */
const usedOf = ({ requests, priced, input, output, cost }: SumRow): Used => ({
  requests: Number(requests),
  inputTokens: Number(input),
  outputTokens: Number(output),
  cost: cost === null ? null : Number(cost) / millionths,
  unpricedRequests: Number(requests) - Number(priced),
});

/** Sums what a session used. */
export const usageOfSession = async (db: Db, sessionId: string): Promise<Used> =>
  usedOf(
    await db.selectFrom("usage").select(sumsIn).where("session_id", "=", sessionId).executeTakeFirstOrThrow(),
  );

const columns = {
  group: "usage.agent_group_id",
  person: "usage.user_id",
  day: "usage.day",
  task: "sessions.task_id",
} as const;

/**
 * Sums what agents used, by group, person, day or task, and by model. Requests that did not leave the host are in no row.
 * By task: those of sessions of tasks. A task in a conversation has no session of its own.
 */
export const usageBy = async (db: Db, by: UsageBy): Promise<readonly UsageSum[]> => {
  const column = columns[by];
  const rows = await db
    .selectFrom("usage")
    .leftJoin("sessions", "sessions.id", "usage.session_id")
    .select([`${column} as key` as const, "provider", "model"])
    .select(sumsIn)
    .$if(by === "task", (all) => all.where("sessions.task_id", "is not", null))
    .groupBy([column, "provider", "model"])
    .having(({ fn }) => fn.sum<number>("requests"), ">", 0)
    .orderBy(column)
    .orderBy("provider")
    .orderBy("model")
    .execute();
  const names = await namesOf(db, by);
  return rows.map(({ key, provider, model, ...sums }) => ({
    key: key ?? "",
    name: names.get(key ?? "") ?? null,
    provider,
    model,
    ...usedOf(sums),
  }));
};

/** What is summed for each day. */
export type DailyBy = "group" | "person" | "model";

/** What a group, a person or a model used on a day. */
export type UsageDay = Used & {
  /** YYYY-MM-DD in the group's timezone. */
  readonly day: string;
  /** The id of the group or person, or the model. Empty: no person's. */
  readonly key: string;
  /** Null for a deleted group, a person without a name, and for models. */
  readonly name: string | null;
};

const dailyColumns = {
  group: "usage.agent_group_id",
  person: "usage.user_id",
  model: "usage.model",
} as const;

/** Sums what was used on each day from `since` on, YYYY-MM-DD. Days without a request have no row. */
export const usageByDay = async (
  db: Db,
  since: string,
  by: DailyBy = "group",
): Promise<readonly UsageDay[]> => {
  const column = dailyColumns[by];
  const rows = await db
    .selectFrom("usage")
    .select(["day", `${column} as key` as const])
    .select(sumsIn)
    .where("day", ">=", since)
    .groupBy(["day", column])
    .having(({ fn }) => fn.sum<number>("requests"), ">", 0)
    .orderBy("day")
    .orderBy(column)
    .execute();
  const names = by === "model" ? new Map<string, string | null>() : await namesOf(db, by);
  return rows.map(({ day, key, ...sums }) => ({ day, key, name: names.get(key) ?? null, ...usedOf(sums) }));
};

/** What each session used. */
export const usageBySession = async (db: Db): Promise<ReadonlyMap<string, Used>> => {
  const rows = await db
    .selectFrom("usage")
    .select("session_id")
    .select(sumsIn)
    .groupBy("session_id")
    .execute();
  return new Map(rows.map(({ session_id: id, ...sums }) => [id, usedOf(sums)]));
};

const namesOf = async (db: Db, by: UsageBy): Promise<ReadonlyMap<string, string | null>> => {
  if (by === "day") return new Map();
  const rows = await namedRows[by](db);
  return new Map(rows.map(({ id, name }) => [id, name]));
};

type Named = { readonly id: string; readonly name: string | null };

const namedRows: Readonly<Record<Exclude<UsageBy, "day">, (db: Db) => Promise<readonly Named[]>>> = {
  group: (db) => db.selectFrom("agent_groups").select(["id", "name"]).execute(),
  person: (db) => db.selectFrom("users").select(["id", "display_name as name"]).execute(),
  task: (db) => db.selectFrom("tasks").select(["id", "text as name"]).execute(),
};
