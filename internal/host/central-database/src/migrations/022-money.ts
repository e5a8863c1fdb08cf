import { containerConfigSteps } from "@nc/container-config/node";
import { sql, type Kysely } from "kysely";
import type { Migration } from "../migration.ts";

/** What usage costs, the limits of persons, and the notices for owners. */
export const money: Migration = {
  version: 22,
  name: "money",
  up: async (db) => {
    const [, , , , maxCost] = containerConfigSteps;
    await maxCost(db);
    for (const name of ["max_requests_per_day", "max_tokens_per_day", "max_cost_per_day"])
      await db.schema.alterTable("users").addColumn(name, "double precision").execute();
    await addCount(db, "usage", "priced_requests");
    await addCount(db, "usage_days", "cost");
    await createPersonDays(db);
    await createNotices(db);
  },
};

const addCount = (db: Kysely<unknown>, table: string, name: string): Promise<void> =>
  db.schema
    .alterTable(table)
    .addColumn(name, "double precision", (count) => count.notNull().defaultTo(0))
    .execute();

/** The sums of a person's day in all groups, in one row as those of a group (`usage_days`). */
const createPersonDays = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("usage_person_days")
    .addColumn("user_id", "text", (id) => id.notNull())
    .addColumn("day", "text", (day) => day.notNull())
    .addColumn("requests", "double precision", (count) => count.notNull())
    .addColumn("tokens", "double precision", (count) => count.notNull())
    .addColumn("cost", "double precision", (count) => count.notNull())
    .addPrimaryKeyConstraint("usage_person_days_key", ["user_id", "day"])
    .execute();

const createNotices = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("owner_notices")
    .addColumn("id", "text", (id) => id.primaryKey().notNull())
    .addColumn("text", "text", (text) => text.notNull())
    .addColumn("created_at", "text", (at) => at.notNull())
    .addColumn("told_at", "text")
    .execute();
  // The host asks for untold notices all the time.
  await db.schema
    .createIndex("owner_notices_untold")
    .on("owner_notices")
    .column("created_at")
    .where(sql<boolean>`told_at is null`)
    .execute();
};
