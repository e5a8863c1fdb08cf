import { sql, type Kysely, type RawBuilder, type Transaction } from "kysely";
import { systemCode } from "@gatehouse/std";
import type { Projection, TransportResult } from "../messages/transport.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { CentralTables, SessionTransportRow } from "@gatehouse/central-database";

export type SessionDatabase = Kysely<CentralTables>;
export type SessionTransaction = Transaction<CentralTables>;

/**
 * A literal instead of a parameter: SQLite uses a partial index only if the statement itself contains the
 * index's condition.
 */
export const pending: RawBuilder<"pending"> = sql.lit("pending");
export const system: RawBuilder<"system"> = sql.lit("system");

/** The columns of an address, by the names of its fields. */
export const address = [
  "channel_type as channelType",
  "platform_id as platformId",
  "thread_id as threadId",
] as const;

/** The same, and the session of the sending agent. */
export const origin: readonly [...typeof address, "source_session_id as sourceSessionId"] = [
  ...address,
  "source_session_id as sourceSessionId",
];

export const fenced: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "Another host leases this session: it has a newer token." },
};

/** The session has a newer incarnation. */
const superseded: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "A newer incarnation of this agent was started." },
};

const notProjected: TransportResult<never> = {
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

/** The session's row; null if there is none. */
export const readSession = async (
  db: SessionDatabase,
  sessionId: string,
): Promise<SessionTransportRow | null> =>
  (await db
    .selectFrom("session_transport")
    .selectAll()
    .where("session_id", "=", sessionId)
    .executeTakeFirst()) ?? null;

/** Stores the highest number that was assigned. */
export const keepSeq = async (db: SessionTransaction, sessionId: string, seq: number): Promise<void> => {
  await db.updateTable("session_transport").set({ seq }).where("session_id", "=", sessionId).execute();
};

export type HostSideOptions = {
  /** The caller owns the database and closes it. */
  readonly db: SessionDatabase;
  readonly signals: SessionSignals;
  readonly sessionId: string;
  /** The fencing token of this host's lease on the session. */
  readonly token: number;
};

/** The rows of a session in a transaction. */
export type SessionRows = {
  readonly db: SessionDatabase;
  readonly sessionId: string;
  /** Null before anybody has written. */
  readonly session: SessionTransportRow | null;
};

/** The rows of a session that its host has locked. */
export type LockedRows = {
  readonly db: SessionTransaction;
  readonly sessionId: string;
  readonly session: SessionTransportRow;
  /** Says that the agent has something new: it is signalled after the commit. */
  readonly hasNews: () => void;
};

/** What a host reads of a session's rows, for `HostSide.read`. */
export type Reads<T> = (rows: SessionRows) => Promise<T>;

/** What a host writes into a session's rows, for `HostSide.transact`. */
export type Writes<T> = (rows: LockedRows) => Promise<T>;

/**
 * Locks and returns the session's row for a writing host, and creates the row if it is missing. Null if a
 * newer token has written.
 */
export const lockAsHost = async (
  db: SessionTransaction,
  sessionId: string,
  token: number,
): Promise<SessionTransportRow | null> => {
  const lock = db
    .updateTable("session_transport")
    .set({ token })
    .where("session_id", "=", sessionId)
    .where("token", "<=", token)
    .returningAll();
  const row = await lock.executeTakeFirst();
  if (row !== undefined) return row;
  // Either the row is missing, or another host wrote it with a newer token. In the second case the update
  // below finds no row either.
  await db
    .insertInto("session_transport")
    .values(emptyRow(sessionId, token))
    .onConflict((conflict) => conflict.column("session_id").doNothing())
    .execute();
  return (await lock.executeTakeFirst()) ?? null;
};

/** Locks and returns the session's row for a writer without a lease, and creates the row if it is missing. */
export const lockAsWriter = (db: SessionTransaction, sessionId: string): Promise<SessionTransportRow> =>
  db
    .insertInto("session_transport")
    .values(emptyRow(sessionId, 0))
    .onConflict((conflict) =>
      conflict.column("session_id").doUpdateSet((eb) => ({ token: eb.ref("session_transport.token") })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();

const emptyRow = (sessionId: string, token: number): SessionTransportRow => ({
  session_id: sessionId,
  token,
  seq: 0,
  incarnation: 0,
  projection: null,
  tool: null,
});

export type AgentSideOptions = Omit<HostSideOptions, "token"> & {
  /** The incarnation that the agent's token names. Default: the one that the first call finds. */
  readonly incarnation?: number;
};

/** Transactions of an agent of one incarnation. */
export type AgentTransactions = {
  readonly projection: () => Promise<TransportResult<Projection>>;
  /** The incarnation that the first call found; null before that call, and before the host has projected. */
  readonly incarnation: () => Promise<number | null>;
  readonly read: <T>(
    work: (db: SessionDatabase, incarnation: number) => Promise<T>,
  ) => Promise<TransportResult<T>>;
  /** `work` may also refuse, before it has written anything. */
  readonly write: <T>(
    work: (db: SessionTransaction, session: SessionTransportRow) => Promise<TransportResult<T>>,
  ) => Promise<TransportResult<T>>;
};

export const agentTransactions = (
  { db, sessionId, incarnation }: AgentSideOptions,
  isClosed: () => boolean,
): AgentTransactions => {
  let own: number | null = incarnation ?? null;
  const find = async (): Promise<Projection | null> => {
    const session = await readSession(db, sessionId);
    const projection = JSON.parse(session?.projection ?? "null") as Projection | null;
    own ??= projection?.identity.incarnation ?? null;
    return projection;
  };
  return {
    projection: () =>
      guarded(isClosed(), async () => {
        const projection = await find();
        return projection === null ? notProjected : done(projection);
      }),
    incarnation: async () => {
      if (own === null) await find();
      return own;
    },
    read: (work) =>
      guarded(isClosed(), async () => {
        if (own === null) await find();
        return own === null ? notProjected : done(await work(db, own));
      }),
    write: (work) =>
      guarded(isClosed(), () =>
        db.transaction().execute(async (transaction) => {
          const session = await lockAsAgent(transaction, sessionId);
          if (session === null) return notProjected;
          own ??= session.incarnation;
          if (own < session.incarnation) return superseded;
          return work(transaction, session);
        }),
      ),
  };
};

/** Locks and returns the session's row for a writing agent; null before the host has projected. */
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
