import { sql, type Kysely, type RawBuilder, type Transaction } from "kysely";
import { statement } from "@gatehouse/sqlite";
import { systemCode } from "@gatehouse/std";
import type { TransportResult } from "../messages/transport.ts";
import type { CentralTables, SessionTransportRow } from "@gatehouse/central-database";

/** The values of a query about one session, or about one of its messages. */
export type OfSession = { readonly sessionId: string };
export type OfMessage = OfSession & { readonly id: string };

export type SessionDatabase = Kysely<CentralTables>;
export type SessionTransaction = Transaction<CentralTables>;

/**
 * A literal instead of a parameter: SQLite uses a partial index only if the statement itself contains the
 * index's condition.
 */
export const pending: RawBuilder<"pending"> = sql.lit("pending");
export const system: RawBuilder<"system"> = sql.lit("system");

export const fenced: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "Another host leases this session: it has a newer token." },
};

/** The session has a newer incarnation. */
export const superseded: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "A newer incarnation of this agent was started." },
};

export const notProjected: TransportResult<never> = {
  ok: false,
  error: { code: "unreadable", message: "The host has not said who this agent is." },
};

export const done = <T>(value: T): TransportResult<T> => ({ ok: true, value });

/**
 * Runs work of one side. Returns `closed` once the side is closed, and `unwritable` if the database fails.
 */
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

type AsHost = OfSession & { readonly token: number };

const updateAsHost = statement((db: SessionDatabase, { sessionId, token }: AsHost) =>
  db
    .updateTable("session_transport")
    .set({ token })
    .where("session_id", "=", sessionId)
    .where("token", "<=", token)
    .returningAll(),
);

/**
 * Locks and returns the session's row for a writing host, and creates the row if it is missing. Null if a
 * newer token has written.
 */
export const lockAsHost = async (
  db: SessionTransaction,
  sessionId: string,
  token: number,
): Promise<SessionTransportRow | null> => {
  const [row] = (await updateAsHost(db, { sessionId, token })).rows;
  if (row !== undefined) return row;
  // Either the row is missing, or another host wrote it with a newer token. In the second case the update
  // below finds no row either.
  await db
    .insertInto("session_transport")
    .values({ session_id: sessionId, token, seq: 0, incarnation: 0, projection: null, tool: null })
    .onConflict((conflict) => conflict.column("session_id").doNothing())
    .execute();
  return (await updateAsHost(db, { sessionId, token })).rows[0] ?? null;
};

const updateAsAgent = statement((db: SessionDatabase, { sessionId }: OfSession) =>
  db
    .updateTable("session_transport")
    .set((now) => ({ token: now.ref("token") }))
    .where("session_id", "=", sessionId)
    .returningAll(),
);

/** Locks and returns the session's row for a writing agent; null before the host has projected. */
export const lockAsAgent = async (
  db: SessionTransaction,
  sessionId: string,
): Promise<SessionTransportRow | null> => {
  const [row] = (await updateAsAgent(db, { sessionId })).rows;
  return row?.projection == null ? null : row;
};

const selectSession = statement((db: SessionDatabase, { sessionId }: OfSession) =>
  db.selectFrom("session_transport").selectAll().where("session_id", "=", sessionId),
);

/** The session's row; null if there is none. */
export const readSession = async (
  db: SessionDatabase,
  sessionId: string,
): Promise<SessionTransportRow | null> => (await selectSession(db, { sessionId })).rows[0] ?? null;

const updateSeq = statement((db: SessionDatabase, { sessionId, seq }: OfSession & { readonly seq: number }) =>
  db.updateTable("session_transport").set({ seq }).where("session_id", "=", sessionId),
);

/** Stores the highest number that was assigned. */
export const keepSeq = async (db: SessionTransaction, sessionId: string, seq: number): Promise<void> => {
  await updateSeq(db, { sessionId, seq });
};
