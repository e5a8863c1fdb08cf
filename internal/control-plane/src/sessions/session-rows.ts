import { sql, type Kysely } from "kysely";
import type { Result } from "@gatehouse/std";
import type { SessionRow } from "../database/session-tables.ts";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { withFence, type Fenced, type HeldLease } from "./leases.ts";

/** Which conversation a session serves. Null for a chat or thread: it serves all of them. */
export type SessionKey = {
  readonly groupId: string;
  readonly messagingGroupId: string | null;
  readonly threadId: string | null;
};

/**
 * The active session of a group, chat and thread, made if there is none. Two that make it at once get the
 * same one: the index of active sessions lets one row in. Null if the group or the chat is no longer there.
 */
export const sessionFor = async (
  db: Kysely<CentralTables>,
  key: SessionKey,
  clock: ClockAndIds,
): Promise<{ readonly id: string; readonly isNew: boolean } | null> => {
  // A session may be closed between the two queries: then the next round makes another.
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

const activeSession = (
  db: Kysely<CentralTables>,
  { groupId, messagingGroupId, threadId }: SessionKey,
): Promise<{ id: string } | undefined> =>
  db
    .selectFrom("sessions")
    .select("id")
    .where("agent_group_id", "=", groupId)
    .where(sql`coalesce(messaging_group_id, '')`, "=", messagingGroupId ?? "")
    .where(sql`coalesce(thread_id, '')`, "=", threadId ?? "")
    // Written out: SQLite uses a partial index only where the query repeats its condition.
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
  { groupId, messagingGroupId, threadId }: SessionKey,
  { id, now }: ClockAndIds,
): SessionRow => ({
  id: id("se"),
  agent_group_id: groupId,
  messaging_group_id: messagingGroupId,
  thread_id: threadId,
  agent_provider: null,
  status: "active",
  container_status: "stopped",
  config_generation: null,
  last_active: null,
  created_at: now(),
  incarnation: 0,
  container_ref: null,
  image: null,
});

/**
 * Writes that a container is about to start, and counts it. Called before the start, since the container is
 * told its incarnation; `reference` comes with `containerStarted`.
 */
export const startContainerRow = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  { image, generation }: { readonly image: string | null; readonly generation: number | null },
): Promise<Result<{ readonly incarnation: number }, Fenced>> =>
  fencedWrite(db, held, (transaction) =>
    transaction
      .updateTable("sessions")
      .set(({ eb }) => ({
        incarnation: eb("incarnation", "+", 1),
        container_status: "running",
        container_ref: null,
        config_generation: generation,
        image,
      }))
      .where("id", "=", held.sessionId)
      .returning("incarnation")
      .executeTakeFirstOrThrow(),
  );

/** Writes what the runtime calls the container of this incarnation, unless its end was written before. */
export const containerStarted = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  { incarnation, reference }: { readonly incarnation: number; readonly reference: string },
): Promise<Result<null, Fenced>> =>
  fencedWrite(db, held, async (transaction) => {
    await transaction
      .updateTable("sessions")
      .set({ container_ref: reference })
      .where("id", "=", held.sessionId)
      .where("incarnation", "=", incarnation)
      .where("container_status", "!=", "stopped")
      .execute();
    return null;
  });

/** Writes that the container of this incarnation has ended. A later one is left as it is. */
export const containerEnded = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  { incarnation }: { readonly incarnation: number },
): Promise<Result<null, Fenced>> =>
  fencedChange(db, held, { container_ref: null, container_status: "stopped" }, incarnation);

/** Writes when the session had its last message or answer. `at` is ISO 8601 in UTC. */
export const touchSession = (
  db: Kysely<CentralTables>,
  held: HeldLease,
  at: string,
): Promise<Result<null, Fenced>> => fencedChange(db, held, { last_active: at });

/** Closes a session whose container has ended: the next message of its chat begins another. */
export const closeSession = (db: Kysely<CentralTables>, held: HeldLease): Promise<Result<null, Fenced>> =>
  fencedChange(db, held, { status: "closed", container_ref: null, container_status: "stopped" });

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
      .$if(incarnation !== undefined, (update) => update.where("incarnation", "=", incarnation ?? 0))
      .execute();
    return null;
  });

/** Within the caller's transaction, or in one of its own. */
const fencedWrite = <T>(
  db: Kysely<CentralTables>,
  { sessionId, token }: HeldLease,
  write: (transaction: Kysely<CentralTables>) => Promise<T>,
): Promise<Result<T, Fenced>> => {
  const checked = async (transaction: Kysely<CentralTables>): Promise<Result<T, Fenced>> => {
    const fence = await withFence(transaction, sessionId, token);
    return fence.ok ? { ok: true, value: await write(transaction) } : fence;
  };
  return db.isTransaction ? checked(db) : db.transaction().execute(checked);
};
