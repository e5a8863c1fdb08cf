import type { Kysely } from "kysely";
import type { InboundMessage } from "../messages/messages.ts";
import type { HostSide, Projection, TransportResult } from "../messages/transport.ts";
import { hostTransactions, type HostSideOptions, type HostTransactions } from "./host-transactions.ts";
import { insertMessagesIn } from "./insert-messages.ts";
import { openMessages, type AcknowledgeIn } from "./open-messages.ts";
import { releaseClaims } from "./release-claims.ts";
import { endedAndDue, type Ended } from "./session-state.ts";
import type { CentralTables } from "@gatehouse/central-database";
import type { SessionTransaction } from "./session-transaction.ts";
import { hostQuestions } from "./questions.ts";
import {
  lastSource,
  origin,
  unanswered,
  waiting,
  withdraw,
  type Withdrawal,
  type WithdrawOrder,
} from "./waiting.ts";

/**
 * The host's side of a session stored in the host's database. The host can write other tables of that
 * database in the same transaction.
 */
export type StoredHostSide<Tables extends CentralTables = CentralTables> = Omit<HostSide, "send"> & {
  /**
   * As in `HostSide`. `also` writes in the same transaction. It is called only if this host still has the
   * lease.
   */
  readonly send: (
    messages: readonly InboundMessage[],
    also?: (transaction: Kysely<Tables>) => Promise<unknown>,
  ) => ReturnType<HostSide["send"]>;
  readonly acknowledgeIn: AcknowledgeIn;
  /** Withdraws a message that waits. `state` returns its end, so that its sender is told. */
  readonly withdraw: (order: WithdrawOrder) => Promise<TransportResult<Withdrawal>>;
};

/** The host's side of a session whose rows are in a database. Nothing is written before the first call. */
export const openHostSide = <Tables extends CentralTables>(
  options: Omit<HostSideOptions, "db"> & { readonly db: Kysely<Tables> },
): StoredHostSide<Tables> => {
  // Kysely's type is not covariant in its tables. Only `also` uses the database's other tables.
  const side = options as unknown as HostSideOptions;
  const { sessionId, signals } = side;
  let isClosed = false;
  const { onChange, onProgress, stop } = signals.listeners(sessionId, "host");
  const transactions = hostTransactions(side, () => isClosed);
  const { read, write } = transactions;
  const tellAgent = (): void => signals.tell(sessionId, "agent");
  const { mayHaveNews, ...messagesOut } = openMessages(side, transactions);
  const { state, release, incarnation } = outcomes(side, transactions);
  const heartbeat = (): string | null => {
    const beat = signals.lastBeat(sessionId);
    return beat !== null && beat.incarnation === incarnation() ? beat.at : null;
  };
  return {
    send: async (messages, also) => {
      const sent = await write(async (db, session) => {
        await also?.(db as unknown as Kysely<Tables>);
        return insertMessagesIn(db, session, messages);
      });
      if (!sent.ok) return sent;
      if (sent.value > 0) tellAgent();
      return { ok: true, value: { written: sent.value, known: messages.length - sent.value } };
    },
    ...messagesOut,
    state: async (now) => {
      const found = await state(now);
      return found.ok ? { ok: true, value: { ...found.value, heartbeat: heartbeat() } } : found;
    },
    release,
    waiting: (wanted) => read((db) => waiting(db, sessionId, wanted)),
    withdraw: (order) => write((db) => withdraw(db, sessionId, order)),
    unanswered: (wanted) => read((db) => unanswered(db, sessionId, wanted)),
    project: async (projection) => {
      const written = await write((db) => project(db, sessionId, projection));
      if (written.ok) tellAgent();
      return written;
    },
    origin: (id) => read((db) => origin(db, sessionId, id)),
    lastSource: (groupId) => read((db) => lastSource(db, sessionId, groupId)),
    ...hostQuestions(sessionId, transactions, tellAgent),
    interrupt: () =>
      read(async () => {
        signals.notify(sessionId, "interrupt");
        return null;
      }),
    onProgress,
    glance: () => ({ mayHaveNews: mayHaveNews(), heartbeat: heartbeat() }),
    onChange,
    close: async () => {
      isClosed = true;
      stop();
    },
  };
};

const project = async (db: SessionTransaction, sessionId: string, projection: Projection): Promise<null> => {
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
  return null;
};

type Outcomes = {
  readonly state: (now: string) => Promise<TransportResult<Awaited<ReturnType<typeof endedAndDue>>>>;
  readonly release: HostSide["release"];
  /** The incarnation that the last call found. */
  readonly incarnation: () => number;
};

const outcomes = ({ sessionId }: HostSideOptions, { read, write }: HostTransactions): Outcomes => {
  /** Ended messages that a call returned. When the caller makes its next call, it has processed them. */
  const told = new Set<string>();
  let incarnation = 0;
  /**
   * Without this queue, a `state` that runs between the commit of a release and the entry in `told` would
   * return the same end twice.
   */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const own = turn.then(work);
    turn = own.catch(() => undefined);
    return own;
  };

  const readState: Outcomes["state"] = async (now) => {
    const known = [...told];
    const found =
      known.length === 0
        ? await read((db, session) => endedAndDue(db, session, sessionId, now))
        : await write(async (db, session) => {
            await markTold(db, sessionId, known);
            return endedAndDue(db, session, sessionId, now);
          });
    if (!found.ok) return found;
    const ended = found.value.ended.filter(({ id }) => !told.has(id));
    for (const id of known) told.delete(id);
    for (const { id } of ended) told.add(id);
    ({ incarnation } = found.value);
    return { ok: true, value: { ...found.value, ended } };
  };

  const giveUp: HostSide["release"] = async (how) => {
    const released = await write((db) => releaseClaims(db, sessionId, how));
    if (released.ok) for (const { id } of released.value) told.add(id);
    return released;
  };
  return {
    state: (now) => inTurn(() => readState(now)),
    release: (how) => inTurn(() => giveUp(how)),
    incarnation: () => incarnation,
  };
};

const markTold = async (
  db: SessionTransaction,
  sessionId: string,
  ids: readonly Ended["id"][],
): Promise<void> => {
  await db
    .updateTable("session_messages_in")
    .set({ told: 1 })
    .where("session_id", "=", sessionId)
    .where("id", "in", ids)
    .execute();
};
