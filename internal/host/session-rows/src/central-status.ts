import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** The number of waiting rows, and the time of the oldest, ISO 8601 in UTC. */
export type WaitingCount = { readonly count: number; readonly oldest: string | null };

/** Counts of rows in the central database, and of rows that wait there. */
export type CentralStatus = {
  readonly groups: number;
  /** Active sessions by the state of their container, and closed sessions. */
  readonly sessions: Readonly<Record<"running" | "stopped" | "closed", number>>;
  /** Work that the host has not carried out yet. */
  readonly intents: WaitingCount;
  /** Approvals that a person has to give or refuse. */
  readonly approvals: WaitingCount;
  /** Questions of agents that a person has to answer. */
  readonly questions: WaitingCount;
  /** Messages of people on the channel `local` that are not routed to a session yet, and wait for no person. */
  readonly localMessages: WaitingCount;
};

/** Reads the status. `now`, ISO 8601 in UTC, leaves out approvals whose time is over. */
export const statusOf = async (db: Kysely<CentralTables>, now: string): Promise<CentralStatus> => ({
  groups: await groupsIn(db),
  sessions: await sessionsIn(db),
  intents: waitingOf(
    await db
      .selectFrom("intents")
      .select(({ fn }) => [fn.countAll().as("count"), fn.min("created_at").as("oldest")])
      .where("done_at", "is", null)
      .executeTakeFirstOrThrow(),
  ),
  approvals: waitingOf(await pending(db, now).where("kind", "!=", "question").executeTakeFirstOrThrow()),
  questions: waitingOf(await pending(db, now).where("kind", "=", "question").executeTakeFirstOrThrow()),
  localMessages: waitingOf(
    await db
      .selectFrom("local_messages")
      .select(({ fn }) => [fn.countAll().as("count"), fn.min("at").as("oldest")])
      .where("direction", "=", "in")
      .where("routed_at", "is", null)
      .where("waits_for", "is", null)
      .executeTakeFirstOrThrow(),
  ),
});

const pending = (db: Kysely<CentralTables>, now: string) =>
  db
    .selectFrom("pending_approvals")
    .select(({ fn }) => [fn.countAll().as("count"), fn.min("created_at").as("oldest")])
    .where("status", "=", "pending")
    .where("expires_at", ">", now);

/** Converts the count, which PostgreSQL gives as a text. */
const waitingOf = ({
  count,
  oldest,
}: {
  count: string | number | bigint;
  oldest: string | null;
}): WaitingCount => ({
  count: Number(count),
  oldest,
});

const groupsIn = async (db: Kysely<CentralTables>): Promise<number> => {
  const counted = db.selectFrom("agent_groups").select(({ fn }) => fn.countAll().as("count"));
  return Number((await counted.executeTakeFirstOrThrow()).count);
};

const sessionsIn = async (db: Kysely<CentralTables>): Promise<CentralStatus["sessions"]> => {
  const rows = await db
    .selectFrom("sessions")
    .select(["status", "container_status", ({ fn }) => fn.countAll().as("count")])
    .groupBy(["status", "container_status"])
    .execute();
  const sum = (isMeant: (row: (typeof rows)[number]) => boolean): number =>
    rows.filter(isMeant).reduce((total, { count }) => total + Number(count), 0);
  const active = (container: string): number =>
    sum((row) => row.status === "active" && row.container_status === container);
  return {
    running: active("running"),
    stopped: active("stopped"),
    closed: sum(({ status }) => status === "closed"),
  };
};

/** Counts the messages that would wake agents of active sessions and have not ended. It works without a running host. */
export const unansweredMessages = async (db: Kysely<CentralTables>): Promise<WaitingCount> => {
  const row = await db
    .selectFrom("session_messages_in as message")
    .innerJoin("sessions", "sessions.id", "message.session_id")
    .select(({ fn }) => [fn.countAll().as("count"), fn.min("message.timestamp").as("oldest")])
    .where("sessions.status", "=", "active")
    // Literals instead of parameters: SQLite uses a partial index only if the statement itself contains the
    // index's condition.
    .where("message.status", "=", sql.lit("pending" as const))
    .where("message.kind", "<>", sql.lit("system" as const))
    .where("message.trigger", "=", sql.lit(1 as const))
    .executeTakeFirstOrThrow();
  return waitingOf(row);
};
