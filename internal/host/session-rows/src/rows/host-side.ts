import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import type { Progress } from "../messages/live.ts";
import type { Projection, TransportResult } from "../messages/transport.ts";
import {
  done,
  fenced,
  guarded,
  type HostSideOptions,
  lockAsHost,
  readSession,
  type Reads,
  type SessionTransaction,
  type Writes,
} from "./transaction.ts";

/**
 * The host's side of a session: it reads, and it transacts. One host at a time writes; the fencing token says which. A failure
 * is a value: `fenced` once another host has written with a newer token, `closed`, or `unwritable`.
 */
export type HostSide = {
  /** Reads in one transaction. */
  readonly read: <T>(work: Reads<T>) => Promise<TransportResult<T>>;
  /** Locks the session, and writes in one transaction: all or nothing. The agent is signalled after it. */
  readonly transact: <T>(work: Writes<T>) => Promise<TransportResult<T>>;
  /**
   * `transact` inside a transaction of the caller, such as a command and its answer. Call `committed` after the commit: it
   * signals the agent.
   */
  readonly transactIn: <T>(
    transaction: Kysely<CentralTables>,
    work: Writes<T>,
  ) => Promise<TransportResult<{ readonly value: T; readonly committed: () => void }>>;
  /** How often the agent has signalled that it may have written. */
  readonly signals: () => number;
  /** The last heartbeat of the agent of this incarnation (ISO 8601, UTC); null if there was none. */
  readonly heartbeat: (incarnation: number) => string | null;
  /** Called when the agent may have written something. Returns a function that stops listening. */
  readonly onChange: (listener: () => void) => () => void;
  /** Called with what the agent is writing, at most ten times a second; some are dropped. */
  readonly onProgress: (listener: (progress: Progress) => void) => () => void;
  readonly close: () => void;
};

/** Nothing is read or written before the first call. */
export const openHostSide = ({ db, signals, sessionId, token }: HostSideOptions): HostSide => {
  let isClosed = false;
  const { onChange, onProgress, stop } = signals.listeners(sessionId, "host");

  const transactIn: HostSide["transactIn"] = async (transaction, work) => {
    const locked = transaction as SessionTransaction;
    const session = await lockAsHost(locked, sessionId, token);
    if (session === null) return fenced;
    let isNews = false;
    const value = await work({ db: locked, sessionId, session, hasNews: () => void (isNews = true) });
    return done({ value, committed: () => (isNews ? signals.signal(sessionId, "agent") : undefined) });
  };

  return {
    read: (work) =>
      guarded(isClosed, () =>
        db.transaction().execute(async (transaction) => {
          const session = await readSession(transaction, sessionId);
          const isLate = session !== null && session.token > token;
          return isLate ? fenced : done(await work({ db: transaction, sessionId, session }));
        }),
      ),
    transact: async (work) => {
      const written = await guarded(isClosed, () =>
        db.transaction().execute((transaction) => transactIn(transaction, work)),
      );
      if (!written.ok) return written;
      written.value.committed();
      return done(written.value.value);
    },
    transactIn,
    signals: () => signals.count(sessionId, "host"),
    heartbeat: (incarnation) => {
      const beat = signals.lastBeat(sessionId);
      return beat?.incarnation === incarnation ? beat.at : null;
    },
    onChange,
    onProgress,
    close: () => {
      isClosed = true;
      stop();
    },
  };
};

/** Writes identity, routing, destinations and rules for the next container, or new ones for the running one. */
export const project =
  (projection: Projection): Writes<void> =>
  async ({ db, sessionId, hasNews }) => {
    const destinations = projection.destinations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    await db
      .updateTable("session_transport")
      .set({
        projection: JSON.stringify({ ...projection, destinations }),
        incarnation: projection.identity.incarnation,
      })
      .where("session_id", "=", sessionId)
      // A late projection for a workload that has exited must not make its agent the newest again.
      .where("incarnation", "<=", projection.identity.incarnation)
      .execute();
    hasNews();
  };
