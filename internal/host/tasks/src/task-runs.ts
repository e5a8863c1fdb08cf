import { sql, type Kysely } from "kysely";
import type { CentralTables, TaskRunRow } from "@gatehouse/central-database";
import { keptAsleep } from "@gatehouse/session-rows/messages";

type Database = Kysely<CentralTables>;

/** The end of a run's message, and the status of its session; null for one that was deleted since. */
type MessageEnd = {
  readonly status: string | null;
  readonly reason: string | null;
  readonly session: string | null;
};

/** Nobody begins what waits in a closed session. */
const wasClosed = ({ status, session }: MessageEnd): boolean => status === "pending" && session === "closed";

/** The outcome of a run by its message. One that was deleted since has ended well, as far as is known. */
const outcomeOf = (end: MessageEnd): TaskOutcome => {
  const { status, reason } = end;
  if (status === "failed" || wasClosed(end)) return "failed";
  if (status === "pending") return "running";
  return reason?.startsWith(keptAsleep) === true ? "kept-asleep" : "done";
};

type TaskOutcome = "running" | "done" | "failed" | "kept-asleep";

/** The runs of tasks, each with its message and its session if they are still there. */
const withMessages = (db: Database) =>
  db
    .selectFrom("task_runs as run")
    .leftJoin("session_messages_in as message", (join) =>
      join
        .onRef("message.session_id", "=", "run.session_id")
        .on("message.id", "=", sql<string>`run.task_id || '@' || run.at`),
    )
    .leftJoin("sessions as session", "session.id", "run.session_id");

const end = ["message.status", "message.reason", "session.status as session"] as const;

/** Literals, since SQLite uses a partial index only if the query repeats its condition. */
const running = (db: Database) => withMessages(db).where("run.outcome", "=", sql.lit("running"));

/** True if the agent has not begun a run of the task, and may. */
export const hasUnbegun = async (db: Database, taskId: string): Promise<boolean> => {
  const row = await running(db)
    .select("run.at")
    .where("run.task_id", "=", taskId)
    .where("session.status", "=", "active")
    .where("message.status", "=", "pending")
    .where("message.claimed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
};

/** A run that has ended, and whose outcome is not written yet. `wasClosed`: its session was closed before its end. */
type EndedRun = {
  readonly taskId: string;
  readonly at: string;
  readonly outcome: TaskOutcome;
  readonly wasClosed: boolean;
};

/** The runs that have ended since their outcomes were written, oldest first. */
export const endedRuns = async (db: Database): Promise<readonly EndedRun[]> => {
  const rows = await running(db)
    .select(["run.task_id", "run.at", ...end])
    .where((eb) =>
      eb.or([
        eb("message.status", "is", null),
        eb("message.status", "!=", "pending"),
        eb("session.status", "=", "closed"),
      ]),
    )
    .orderBy("run.at")
    .execute();
  return rows.map(({ task_id: taskId, at, ...ended }) => ({
    taskId,
    at,
    outcome: outcomeOf(ended),
    wasClosed: wasClosed(ended),
  }));
};

/** The last runs and missed times of a task, newest first, with their outcomes by now. */
export const taskRuns = async (
  db: Database,
  taskId: string,
  limit: number,
): Promise<readonly TaskRunRow[]> => {
  const rows = await withMessages(db)
    .selectAll("run")
    .select(end)
    .where("run.task_id", "=", taskId)
    .orderBy("run.at", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ status, reason, session, ...run }) => ({
    ...run,
    outcome: outcomeNow(run, { status, reason, session }),
  }));
};

/** The outcome by now of the last run, or of the last missed times, of each of these tasks that has any. */
export const lastOutcomes = async (
  db: Database,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (taskIds.length === 0) return new Map();
  const rows = await withMessages(db)
    .innerJoin(
      (last) =>
        last
          .selectFrom("task_runs")
          .select(["task_id", (newest) => newest.fn.max("at").as("at")])
          .where("task_id", "in", taskIds)
          .groupBy("task_id")
          .as("last"),
      (join) => join.onRef("last.task_id", "=", "run.task_id").onRef("last.at", "=", "run.at"),
    )
    .select(["run.task_id", "run.outcome", ...end])
    .execute();
  return new Map(rows.map(({ task_id: id, outcome, ...ended }) => [id, outcomeNow({ outcome }, ended)]));
};

/** A host writes the outcome of a run some time after its end. */
const outcomeNow = ({ outcome }: Pick<TaskRunRow, "outcome">, ended: MessageEnd): string =>
  outcome === "running" ? outcomeOf(ended) : outcome;
