import { sql, type Kysely } from "kysely";
import type { Result } from "@gatehouse/std";
import type { AgentChoice } from "@nc/container-config";
import type { SessionRow, CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { fencedWrite, noteArrival, type Fenced, type HeldLease } from "./leases.ts";

/** The conversation that a session serves. A null chat or thread means all of them. */
export type SessionKey = {
  readonly groupId: string;
  readonly messagingGroupId: string | null;
  readonly threadId: string | null;
  /** The task whose runs are the conversation; absent for people. */
  readonly taskId?: string;
};

/**
 * Finds or makes the active session of a group, chat and thread. Two callers at the same time get the same
 * session, since a unique index allows one active row. Null if the group or the chat no longer exists.
 */
export const sessionFor = async (
  db: Kysely<CentralTables>,
  key: SessionKey,
  clock: ClockAndIds,
): Promise<{ readonly id: string; readonly isNew: boolean } | null> => {
  // A session may be closed between the two queries. Then the next round makes another.
  for (let round = 0; round < 3; round += 1) {
    const found = await activeSession(db, key);
    if (found !== undefined) return { id: found.id, isNew: false };
    if (!(await isThere(db, key))) return null;
    const made = await db
      .insertInto("sessions")
      .values(newRow(key, clock))
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .executeTakeFirst();
    if (made !== undefined) return { id: made.id, isNew: true };
  }
  throw new Error(`Sessions of ${key.groupId} are closed as fast as they are made`);
};

/** The id of the active session of a group, chat and thread; null if there is none. */
export const findSession = async (db: Kysely<CentralTables>, key: SessionKey): Promise<string | null> =>
  (await activeSession(db, key))?.id ?? null;

const activeSession = (
  db: Kysely<CentralTables>,
  { groupId, messagingGroupId, threadId, taskId = "" }: SessionKey,
): Promise<{ id: string } | undefined> =>
  db
    .selectFrom("sessions")
    .select("id")
    .where("agent_group_id", "=", groupId)
    .where(sql`coalesce(messaging_group_id, '')`, "=", messagingGroupId ?? "")
    .where(sql`coalesce(thread_id, '')`, "=", threadId ?? "")
    .where(sql`coalesce(task_id, '')`, "=", taskId)
    // A literal, since SQLite uses a partial index only if the query repeats its condition.
    .where("status", "=", sql.lit("active"))
    .executeTakeFirst();

const isThere = async (
  db: Kysely<CentralTables>,
  { groupId, messagingGroupId }: SessionKey,
): Promise<boolean> => {
  const group = await db.selectFrom("agent_groups").select("id").where("id", "=", groupId).executeTakeFirst();
  if (group === undefined || messagingGroupId === null) return group !== undefined;
  const chat = db.selectFrom("messaging_groups").select("id").where("id", "=", messagingGroupId);
  return (await chat.executeTakeFirst()) !== undefined;
};

const newRow = (
  { groupId, messagingGroupId, threadId, taskId }: SessionKey,
  { id, now }: ClockAndIds,
): SessionRow => ({
  id: id("se"),
  agent_group_id: groupId,
  messaging_group_id: messagingGroupId,
  thread_id: threadId,
  task_id: taskId ?? null,
  agent_provider: null,
  status: "active",
  container_status: "stopped",
  config_generation: null,
  last_active: null,
  created_at: now(),
  incarnation: 0,
  container_ref: null,
  agent_model: null,
  agent_model_provider: null,
  container_agent: null,
  container_exit: null,
});

/** The agent and configuration of a container. `generation`: of its group's configuration. */
export type ContainerFacts = {
  readonly generation: number | null;
  /** Null if no container is started. */
  readonly agent: AgentChoice | null;
};

/**
 * Writes that a container is about to start, and returns its incarnation. Called before the start, since the
 * container gets its incarnation; `containerStarted` writes the runtime's name for the container later.
 */
export const startContainerRow = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  { generation, agent }: ContainerFacts,
): Promise<Result<{ readonly incarnation: number }, Fenced>> =>
  fencedWrite(db, held, (transaction) =>
    transaction
      .updateTable("sessions")
      .set(({ eb }) => ({
        incarnation: eb("incarnation", "+", 1),
        container_status: "running",
        container_ref: null,
        container_exit: null,
        config_generation: generation,
        container_agent: agent === null ? null : JSON.stringify(agent),
      }))
      .where("id", "=", held.sessionId)
      .returning("incarnation")
      .executeTakeFirstOrThrow(),
  );

/**
 * Writes the runtime's name (`reference`) for the container of this incarnation, unless it has ended already.
 */
export const containerStarted = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  { incarnation, reference }: { readonly incarnation: number; readonly reference: string },
): Promise<Result<null, Fenced>> => fencedChange(db, held, { container_ref: reference }, incarnation);

/** Writes that the container of this incarnation has ended. Does nothing if a later container was started. */
export const containerEnded = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  { incarnation }: { readonly incarnation: number },
): Promise<Result<null, Fenced>> =>
  fencedChange(db, held, { container_ref: null, container_status: "stopped" }, incarnation);

/**
 * Writes how a container has exited that this host has left to the host that leases its session, and asks that host to
 * look. Does nothing if a later container was started.
 */
export const leftContainerExited = (
  db: Kysely<CentralTables>,
  left: { readonly sessionId: string; readonly incarnation: number; readonly exit: LeftExit },
): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    if (!(await noteArrival(transaction, { sessionId: left.sessionId, owner: "" }))) return;
    await transaction
      .updateTable("sessions")
      .set({ container_exit: JSON.stringify(left.exit) })
      .where("id", "=", left.sessionId)
      .where("incarnation", "=", left.incarnation)
      .where("container_status", "!=", "stopped")
      .execute();
  });

type LeftExit = { readonly code: number | null; readonly signal: string | null };

/** Writes the time of the session's last message or answer. `at` is ISO 8601 in UTC. */
export const touchSession = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  at: string,
): Promise<Result<null, Fenced>> => fencedChange(db, held, { last_active: at });

const closed = { status: "closed", container_ref: null, container_status: "stopped" } as const;

/** Closes a session whose container has ended. The next message of its chat begins another session. */
export const closeSession = (db: Kysely<CentralTables>, held: HeldLease): Promise<Result<null, Fenced>> =>
  fencedChange(db, held, closed);

/**
 * Closes the session of a task that has ended or is gone, once its container has ended and no message waits for an answer. The
 * value is false for any other session.
 */
export const closeTaskSession = (
  db: Kysely<CentralTables>,
  held: HeldLease,
): Promise<Result<boolean, Fenced>> =>
  fencedWrite(db, held, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable("sessions")
      .set(closed)
      .where("id", "=", held.sessionId)
      .where("task_id", "is not", null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("tasks")
              .select("tasks.id")
              .whereRef("tasks.id", "=", "sessions.task_id")
              .where("tasks.status", "!=", "ended"),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("session_messages_in as message")
              .select("message.id")
              .where("message.session_id", "=", held.sessionId)
              .where("message.status", "=", sql.lit("pending"))
              .where("message.kind", "<>", sql.lit("system"))
              .where("message.trigger", "=", sql.lit(1 as const)),
          ),
        ),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  });

/** `incarnation`: only while its container is not stopped, and no later one was started. */
const fencedChange = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  values: Partial<SessionRow>,
  incarnation?: number,
): Promise<Result<null, Fenced>> =>
  fencedWrite(db, held, async (transaction) => {
    await transaction
      .updateTable("sessions")
      .set(values)
      .where("id", "=", held.sessionId)
      .$if(incarnation !== undefined, (update) =>
        update.where("incarnation", "=", incarnation ?? 0).where("container_status", "!=", "stopped"),
      )
      .execute();
    return null;
  });
