import { sql, type Migration } from "kysely";
import { addIndex } from "./tables/add-index.ts";
import { oneOf } from "./tables/one-of.ts";

/** Tasks, their runs and sessions of their own; and what a card shows beside the effect of a command. */
export const tasks: Migration = {
  up: async (db) => {
    await db.schema
      .createTable("tasks")
      .addColumn("id", "text", (id) => id.primaryKey().notNull())
      .addColumn("agent_group_id", "text", (id) =>
        id.notNull().references("agent_groups.id").onDelete("cascade"),
      )
      .addColumn("messaging_group_id", "text", (id) =>
        id.notNull().references("messaging_groups.id").onDelete("cascade"),
      )
      .addColumn("thread_id", "text")
      .addColumn("has_own_session", "integer", (flag) => flag.notNull())
      .addColumn("text", "text", (text) => text.notNull())
      .addColumn("schedule", "text", (schedule) => schedule.notNull())
      .addColumn("missed", "text", (missed) => missed.notNull())
      .addColumn("within_ms", "double precision")
      .addColumn("condition", "text")
      .addColumn("status", "text", (status) => status.notNull())
      .addColumn("paused_because", "text")
      .addColumn("next_at", "text")
      .addColumn("last_at", "text")
      .addColumn("failures", "integer", (count) => count.notNull().defaultTo(0))
      .addColumn("created_at", "text", (at) => at.notNull())
      .addColumn("created_by", "text", (by) => by.notNull())
      .addCheckConstraint("tasks_missed", oneOf("missed", ["latest", "all", "skip"]))
      .addCheckConstraint("tasks_status", oneOf("status", ["active", "paused", "ended"]))
      .execute();
    await addIndex(db, "tasks", ["agent_group_id", "created_at", "id"]);
    await addIndex(db, "tasks", ["messaging_group_id"]);
    // Finds the earliest next time among any number of tasks.
    await sql`create index tasks_due on tasks (next_at) where status = 'active' and next_at is not null`.execute(
      db,
    );
    await db.schema
      .createTable("task_runs")
      .addColumn("task_id", "text", (id) => id.notNull().references("tasks.id").onDelete("cascade"))
      .addColumn("at", "text", (at) => at.notNull())
      .addColumn("missed_until", "text")
      .addColumn("missed", "integer", (count) => count.notNull())
      .addColumn("written_at", "text", (at) => at.notNull())
      .addColumn("session_id", "text")
      .addColumn("outcome", "text", (outcome) => outcome.notNull())
      .addPrimaryKeyConstraint("task_runs_key", ["task_id", "at"])
      .addCheckConstraint(
        "task_runs_outcome",
        oneOf("outcome", ["running", "done", "failed", "kept-asleep", "missed"]),
      )
      .execute();
    // Finds the runs whose end is not known yet, among all that are kept.
    await sql`create index task_runs_running on task_runs (task_id) where outcome = 'running'`.execute(db);
    // No foreign key: a session outlives its task.
    await db.schema.alterTable("sessions").addColumn("task_id", "text").execute();
    await addIndex(db, "sessions", ["task_id"]);
    await db.schema.dropIndex("sessions_one_active").execute();
    await sql`
      create unique index sessions_one_active
      on sessions (agent_group_id, (coalesce(messaging_group_id, '')), (coalesce(thread_id, '')), (coalesce(task_id, '')))
      where status = 'active'`.execute(db);
    await db.schema.alterTable("pending_approvals").addColumn("preview", "text").execute();
  },
};
