import { containerConfigSteps } from "@nc/container-config/node";
import type { Kysely } from "kysely";
import type { Migration } from "../migration.ts";

/** What agents used of the models, and the limits of a group. */
export const usage: Migration = {
  version: 19,
  name: "usage",
  up: async (db) => {
    await containerConfigSteps[2](db);
    await createUsage(db);
    await createUsageDays(db);
  },
};

/**
 * The rows stay when their group or session is deleted, since they were charged. `double precision` counts to
 * 2^53; an integer of PostgreSQL has 32 bits.
 */
const createUsage = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("usage")
    .addColumn("agent_group_id", "text", (id) => id.notNull())
    .addColumn("day", "text", (day) => day.notNull())
    .addColumn("session_id", "text", (id) => id.notNull())
    .addColumn("user_id", "text", (id) => id.notNull())
    .addColumn("provider", "text", (name) => name.notNull())
    .addColumn("model", "text", (name) => name.notNull())
    .addColumn("requests", "double precision", (count) => count.notNull())
    .addColumn("input_tokens", "double precision", (count) => count.notNull())
    .addColumn("output_tokens", "double precision", (count) => count.notNull())
    .addColumn("cost", "double precision")
    .addPrimaryKeyConstraint("usage_key", [
      ...(["agent_group_id", "day", "session_id", "user_id", "provider", "model"] as const),
    ])
    .execute();
};

/** The sums of a group's day, in one row: one statement compares them with the limits and adds to them. */
const createUsageDays = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("usage_days")
    .addColumn("agent_group_id", "text", (id) => id.notNull())
    .addColumn("day", "text", (day) => day.notNull())
    .addColumn("requests", "double precision", (count) => count.notNull())
    .addColumn("tokens", "double precision", (count) => count.notNull())
    .addPrimaryKeyConstraint("usage_days_key", ["agent_group_id", "day"])
    .execute();
