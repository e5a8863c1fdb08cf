import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { millionths } from "../prices/price-table.ts";

/** The subject of a sum of usage. */
export type UsageBy = "group" | "person" | "day";

export type UsageSum = {
  /** The id of the group or person, or the date. Empty: no person's. */
  readonly key: string;
  /** The name of the group or person; null for a deleted group, a person without a name, and for days. */
  readonly name: string | null;
  readonly provider: string;
  readonly model: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In the currency of the operator's prices; null if no request had a price. */
  readonly cost: number | null;
  /** The requests whose price was not known. They are not in the cost. */
  readonly unpricedRequests: number;
};

type Db = Kysely<CentralTables>;

const columns = { group: "usage.agent_group_id", person: "usage.user_id", day: "usage.day" } as const;

/** Sums what agents used, by group, person or day, and by model. Requests that were cut count by their estimate. */
export const usageBy = async (db: Db, by: UsageBy): Promise<readonly UsageSum[]> => {
  const column = columns[by];
  const rows = await db
    .selectFrom("usage")
    .select(({ fn }) => [
      `${column} as key` as const,
      ...(["provider", "model"] as const),
      fn.sum<number>("requests").as("requests"),
      fn.sum<number>("priced_requests").as("priced"),
      fn.sum<number>("input_tokens").as("input"),
      fn.sum<number>("output_tokens").as("output"),
      fn.sum<number | null>("cost").as("cost"),
    ])
    .groupBy([column, "provider", "model"])
    .orderBy(column)
    .orderBy("provider")
    .orderBy("model")
    .execute();
  const names = await namesOf(db, by);
  return rows.map(({ key, provider, model, requests, priced, input, output, cost }) => ({
    ...{ key, name: names.get(key) ?? null, provider, model },
    requests: Number(requests),
    inputTokens: Number(input),
    outputTokens: Number(output),
    cost: cost === null ? null : Number(cost) / millionths,
    unpricedRequests: Number(requests) - Number(priced),
  }));
};

const namesOf = async (db: Db, by: UsageBy): Promise<ReadonlyMap<string, string | null>> => {
  if (by === "day") return new Map();
  const rows =
    by === "group"
      ? await db.selectFrom("agent_groups").select(["id", "name"]).execute()
      : await db.selectFrom("users").select(["id", "display_name as name"]).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
};
