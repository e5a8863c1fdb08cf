import { sql, type Kysely } from "kysely";

/** Usage of the models by agents, and the notices for owners about it. */
export const createUsageTables = async (db: Kysely<unknown>): Promise<void> => {
  await createUsage(db);
  await createUsageDays(db);
  await createPersonDays(db);
  await createNotices(db);
};

/**
 * The rows stay when their group or session is deleted, since they were charged. `double precision` counts to
 * 2^53; an integer of PostgreSQL has 32 bits.
 */
const createUsage = (db: Kysely<unknown>): Promise<void> =>
  db.schema
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
    .addColumn("priced_requests", "double precision", (count) => count.notNull().defaultTo(0))
    .addPrimaryKeyConstraint("usage_key", [
      ...(["agent_group_id", "day", "session_id", "user_id", "provider", "model"] as const),
    ])
    .execute();

/** The sums of a group's day, in one row: one statement compares them with the limits and adds to them. */
const createUsageDays = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("usage_days")
    .addColumn("agent_group_id", "text", (id) => id.notNull())
    .addColumn("day", "text", (day) => day.notNull())
    .addColumn("requests", "double precision", (count) => count.notNull())
    .addColumn("tokens", "double precision", (count) => count.notNull())
    .addColumn("cost", "double precision", (count) => count.notNull().defaultTo(0))
    .addPrimaryKeyConstraint("usage_days_key", ["agent_group_id", "day"])
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
