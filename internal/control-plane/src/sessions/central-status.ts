import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";

/** How many wait, and since when the oldest of them does, ISO 8601 in UTC. */
export type Waiting = { readonly count: number; readonly oldest: string | null };

/** What is in the central database, and what waits there. */
export type CentralStatus = {
  readonly groups: number;
  /** Active sessions by their container, and the closed ones. */
  readonly sessions: Readonly<Record<"running" | "idle" | "stopped" | "closed", number>>;
  /** Work that the host has not carried out yet. */
  readonly intents: Waiting;
  /** Questions that a person has to answer. */
  readonly approvals: Waiting;
  /** Messages of the host to sessions, such as outcomes of approvals, that none has taken yet. */
  readonly systemMessages: Waiting;
  /** Messages of people on the channel `local` that no session has yet. */
  readonly localMessages: Waiting;
};

/** Reads all of it. `now` is ISO 8601 in UTC: an approval whose time is over waits no more. */
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
  approvals: waitingOf(
    await db
      .selectFrom("pending_approvals")
      .select(({ fn }) => [fn.countAll().as("count"), fn.min("created_at").as("oldest")])
      .where("status", "=", "pending")
      .where("expires_at", ">", now)
      .executeTakeFirstOrThrow(),
  ),
  systemMessages: waitingOf(
    await db
      .selectFrom("sessions")
      .innerJoin("system_messages", "system_messages.session_id", "sessions.id")
      .select(({ fn }) => [fn.countAll().as("count"), fn.min("system_messages.created_at").as("oldest")])
      .where("sessions.status", "=", "active")
      .where("delivered_at", "is", null)
      .executeTakeFirstOrThrow(),
  ),
  localMessages: waitingOf(
    await db
      .selectFrom("local_messages")
      .select(({ fn }) => [fn.countAll().as("count"), fn.min("at").as("oldest")])
      .where("direction", "=", "in")
      .where("routed_at", "is", null)
      .executeTakeFirstOrThrow(),
  ),
});

/** PostgreSQL gives a count as a text. */
const waitingOf = ({
  count,
  oldest,
}: {
  count: string | number | bigint;
  oldest: string | null;
}): Waiting => ({
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
    idle: active("idle"),
    stopped: active("stopped"),
    closed: sum(({ status }) => status === "closed"),
  };
};
