import type { CentralTables } from "@gatehouse/central-database";
import { sql, type Transaction } from "kysely";
import type { Tokens } from "../rules/read-usage.ts";

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
