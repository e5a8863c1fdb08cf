import { sql, type Kysely, type RawBuilder, type Transaction } from "kysely";
import { systemCode } from "@gatehouse/std";
import type { TransportResult } from "../../transport.ts";
import type { SessionTables, SessionTransportRow } from "./session-tables.ts";

export type SessionDatabase = Kysely<SessionTables>;
export type SessionTransaction = Transaction<SessionTables>;

/** A literal, and no parameter: SQLite uses a partial index only where the statement itself has its condition. */
export const pending: RawBuilder<"pending"> = sql.lit("pending");
export const system: RawBuilder<"system"> = sql.lit("system");

export const fenced: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "Another host leases this session: it has a newer token." },
};

/** The agent's side has a newer incarnation. */
export const superseded: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "A newer incarnation of this agent was started." },
};

export const notProjected: TransportResult<never> = {
  ok: false,
  error: { code: "unreadable", message: "The host has not said who this agent is." },
};

export const done = <T>(value: T): TransportResult<T> => ({ ok: true, value });

/** Does work of one side: refused once it is closed, and `unwritable` where the database fails. */
export const guarded = async <T>(
  isClosed: boolean,
  work: () => Promise<TransportResult<T>>,
): Promise<TransportResult<T>> => {
  if (isClosed)
    return { ok: false, error: { code: "closed", message: "This side of the session is closed." } };
  try {
    return await work();
  } catch (error) {
    const message = `The session's rows cannot be read or written (${systemCode(error)}).`;
    return { ok: false, error: { code: "unwritable", message } };
  }
};

/** The session's row for a host that writes, locked; null if a newer token has written. It is made where it is missing. */
export const lockAsHost = async (
  db: SessionTransaction,
  sessionId: string,
  token: number,
): Promise<SessionTransportRow | null> => {
  const first = { session_id: sessionId, token, seq: 0, incarnation: 0, projection: null, tool: null };
  await db
    .insertInto("session_transport")
    .values(first)
    .onConflict((conflict) => conflict.column("session_id").doNothing())
    .execute();
  const row = await db
    .updateTable("session_transport")
    .set({ token })
    .where("session_id", "=", sessionId)
    .where("token", "<=", token)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
};

/** The session's row for an agent that writes, locked; null before the host has projected. */
export const lockAsAgent = async (
  db: SessionTransaction,
  sessionId: string,
): Promise<SessionTransportRow | null> => {
  const row = await db
    .updateTable("session_transport")
    .set((now) => ({ token: now.ref("token") }))
    .where("session_id", "=", sessionId)
    .returningAll()
    .executeTakeFirst();
  return row?.projection == null ? null : row;
};

/** The session's row; null where there is none. */
export const readSession = async (
  db: SessionDatabase,
  sessionId: string,
): Promise<SessionTransportRow | null> => {
  const row = await db
    .selectFrom("session_transport")
    .selectAll()
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  return row ?? null;
};

/** Keeps the highest number that was given. */
export const keepSeq = async (db: SessionTransaction, sessionId: string, seq: number): Promise<void> => {
  await db.updateTable("session_transport").set({ seq }).where("session_id", "=", sessionId).execute();
};
