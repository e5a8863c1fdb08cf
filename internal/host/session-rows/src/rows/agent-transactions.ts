import type { Projection, TransportResult } from "../messages/transport.ts";
import type { SessionSignals } from "./session-signals.ts";
import type { SessionTransportRow } from "@gatehouse/central-database";
import {
  done,
  guarded,
  lockAsAgent,
  notProjected,
  readSession,
  superseded,
  type SessionDatabase,
  type SessionTransaction,
} from "./session-transaction.ts";

export type AgentSideOptions = {
  /** A database with the tables of `createMessageTables`. The caller owns it and closes it. */
  readonly db: SessionDatabase;
  readonly signals: SessionSignals;
  readonly sessionId: string;
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
  readonly write: <T>(
    work: (db: SessionTransaction, session: SessionTransportRow) => Promise<T>,
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
          return done(await work(transaction, session));
        }),
      ),
  };
};
