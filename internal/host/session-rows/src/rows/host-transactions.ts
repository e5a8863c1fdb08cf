import type { TransportResult } from "../messages/transport.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { SessionTransportRow } from "@gatehouse/central-database";
import {
  done,
  fenced,
  guarded,
  lockAsHost,
  readSession,
  type SessionDatabase,
  type SessionTransaction,
} from "./session-transaction.ts";

export type HostSideOptions = {
  /** A database with the tables of `createMessageTables`. The caller owns it and closes it. */
  readonly db: SessionDatabase;
  readonly signals: SessionSignals;
  readonly sessionId: string;
  /** The fencing token of this host's lease on the session. */
  readonly token: number;
};

/** Transactions of a host. They are refused once another host has written with a newer lease. */
export type HostTransactions = {
  readonly write: <T>(
    work: (db: SessionTransaction, session: SessionTransportRow) => Promise<T>,
  ) => Promise<TransportResult<T>>;
  readonly read: <T>(
    work: (db: SessionDatabase, session: SessionTransportRow | null) => Promise<T>,
  ) => Promise<TransportResult<T>>;
};

export const hostTransactions = (
  { db, sessionId, token }: HostSideOptions,
  isClosed: () => boolean,
): HostTransactions => ({
  write: (work) =>
    guarded(isClosed(), () =>
      db.transaction().execute(async (transaction) => {
        const session = await lockAsHost(transaction, sessionId, token);
        return session === null ? fenced : done(await work(transaction, session));
      }),
    ),
  read: (work) =>
    guarded(isClosed(), () =>
      db.transaction().execute(async (transaction) => {
        const session = await readSession(transaction, sessionId);
        const isLate = session !== null && session.token > token;
        return isLate ? fenced : done(await work(transaction, session));
      }),
    ),
});
