import type { CentralTables, MessageOutRow } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import type { Progress } from "../messages/live.ts";
import type { InboundMessage, Json, MessageKind } from "../messages/messages.ts";
import type {
  Delivery,
  Origin,
  Projection,
  Question,
  SessionState,
  TransportResult,
  Unanswered,
  Undelivered,
  Waiting,
} from "../messages/transport.ts";
import {
  lastSource,
  markTold,
  origin,
  release,
  type ReleaseOptions,
  stateOf,
  unanswered,
  waiting,
} from "./inbound.ts";
import { insertMessagesIn } from "./insert-messages.ts";
import { dueOutbound, settle } from "./outbound.ts";
import { answerQuestion, openQuestions } from "./questions.ts";
import {
  fenced,
  hostTransactions,
  lockAsHost,
  type HostSideOptions,
  type SessionTransaction,
} from "./transaction.ts";

/**
 * The host's side of a session. One host at a time writes; the fencing token says which. Each call is one
 * transaction.
 */
export type HostSide = ReturnType<typeof openHostSide>;

/** Nothing is read or written before the first call. */
export const openHostSide = (options: HostSideOptions) => {
  const { sessionId, signals, token } = options;
  let isClosed = false;
  const { onChange, onProgress, stop } = signals.listeners(sessionId, "host");
  const { read, write } = hostTransactions(options, () => isClosed);
  const tellAgent = (): void => signals.tell(sessionId, "agent");

  let lastRead: { readonly signals: number; readonly hasOpen: boolean } | null = null;
  let incarnation = 0;
  const heartbeat = (): string | null => {
    const beat = signals.lastBeat(sessionId);
    return beat !== null && beat.incarnation === incarnation ? beat.at : null;
  };

  return {
    /**
     * Writes messages for the agent in this order, all or none. Known ids are skipped. `also` writes in the
     * same transaction; it is called only if this host still has the lease.
     */
    send: async (
      messages: readonly InboundMessage[],
      also?: (transaction: Kysely<CentralTables>) => Promise<unknown>,
    ): Promise<TransportResult<{ readonly written: number; readonly known: number }>> => {
      const sent = await write(async (db, session) => {
        await also?.(db);
        return insertMessagesIn(db, session, messages);
      });
      if (!sent.ok) return sent;
      if (sent.value > 0) tellAgent();
      return { ok: true, value: { written: sent.value, known: messages.length - sent.value } };
    },

    /**
     * The agent's messages that the host has not ended, oldest first. Messages with a `deliverAfter` later than
     * `now` (ISO 8601, UTC) and those of `except` are left out; later ones come in their place.
     */
    receive: async ({
      limit,
      now,
      except = [],
    }: {
      readonly limit: number;
      readonly now: string;
      readonly except?: readonly string[];
    }): Promise<TransportResult<readonly Undelivered[]>> => {
      const count = signals.count(sessionId, "host");
      const found = await read((db) => dueOutbound(db, sessionId, { now, limit: limit + except.length }));
      if (!found.ok) return found;
      lastRead = { signals: count, hasOpen: found.value.hasOpen };
      const skipped = new Set(except);
      const rows = found.value.rows.filter(({ id }) => !skipped.has(id)).slice(0, limit);
      return { ok: true, value: rows.map(undelivered) };
    },

    /**
     * Writes the outcomes of messages and, in the same transaction, the messages that answer them: all or none.
     * Returns how many ends count as told by this.
     */
    acknowledge: async (
      deliveries: readonly Delivery[],
      answers: readonly InboundMessage[] = [],
    ): Promise<TransportResult<number>> => {
      if (deliveries.length + answers.length === 0) return { ok: true, value: 0 };
      const written = await write((db, session) => settle(db, session, deliveries, answers));
      if (!written.ok) return written;
      if (written.value.written > 0) tellAgent();
      return { ok: true, value: written.value.told };
    },

    /**
     * `acknowledge` inside a transaction of the caller: the effect of a command and its answer, or a message in a chat and
     * its outcome, are committed together. Call the returned function after the commit; it returns what `acknowledge`
     * returns. If the result is `fenced`, nothing was written.
     */
    acknowledgeIn: async (
      transaction: Kysely<CentralTables>,
      deliveries: readonly Delivery[],
      answers: readonly InboundMessage[] = [],
    ): Promise<TransportResult<() => number>> => {
      const session = await lockAsHost(transaction as SessionTransaction, sessionId, token);
      if (session === null) return fenced;
      const { written, told } = await settle(transaction as SessionTransaction, session, deliveries, answers);
      const committed = (): number => {
        if (written > 0) tellAgent();
        return told;
      };
      return { ok: true, value: committed };
    },

    /** The session's state. It returns the end of each message until `markTold` has it. */
    state: async (now: string): Promise<TransportResult<SessionState>> => {
      const found = await read((db, session) => stateOf(db, session, sessionId, now));
      if (!found.ok) return found;
      ({ incarnation } = found.value);
      return { ok: true, value: { ...found.value, heartbeat: heartbeat() } };
    },

    /** Notes that the senders of these ended messages were told. */
    markTold: (ids: readonly string[]): Promise<TransportResult<null>> =>
      write((db) => markTold(db, sessionId, ids)),

    /**
     * Call it when a container has exited. Messages that it had in work are due again after
     * `backoffMs(tries)`, with one more try; after `maxTries` a message has failed.
     */
    release: (how: ReleaseOptions): Promise<TransportResult<null>> =>
      write((db) => release(db, sessionId, how)),

    /**
     * People's messages that would wake a container now, oldest first. Call it only while no container runs:
     * the result may include messages that a container has in work.
     */
    waiting: (wanted: {
      readonly limit: number;
      readonly now: string;
    }): Promise<TransportResult<readonly Waiting[]>> => read((db) => waiting(db, sessionId, wanted)),

    /**
     * Messages of people and agents that would wake a container and have not ended, due or not, in work or
     * not, oldest first. `after` is the number of the last one of the page before. Used when a session closes.
     */
    unanswered: (wanted: {
      readonly limit: number;
      readonly after?: number;
    }): Promise<TransportResult<readonly Unanswered[]>> => read((db) => unanswered(db, sessionId, wanted)),

    /** Writes identity, routing, destinations and rules for the next container, or new ones for the running one. */
    project: async (projection: Projection): Promise<TransportResult<null>> => {
      const written = await write((db) => project(db, sessionId, projection));
      if (written.ok) tellAgent();
      return written;
    },

    /** The sender of a message to the agent; null if the message is unknown. */
    origin: (messageId: string): Promise<TransportResult<Origin | null>> =>
      read((db) => origin(db, sessionId, messageId)),

    /** The session of that group's agent that wrote to this one last; null if there is none. */
    lastSource: (groupId: string): Promise<TransportResult<string | null>> =>
      read((db) => lastSource(db, sessionId, groupId)),

    /** Unanswered questions of the agent, oldest first. */
    questions: (): Promise<TransportResult<readonly Question[]>> =>
      read((db) => openQuestions(db, sessionId)),

    /** Answers a question. False if the question is unknown or already answered: the first answer stays. */
    answer: async (id: string, answer: Json, now: string): Promise<TransportResult<boolean>> => {
      const answered = await write((db) => answerQuestion(db, sessionId, { id, answer, now }));
      if (answered.ok && answered.value) tellAgent();
      return answered;
    },

    /**
     * Reads nothing: whether the agent may have written since the last successful `receive`, and its last
     * heartbeat, as in `state`. `maybeChanged` is true when in doubt.
     */
    peek: (): { readonly maybeChanged: boolean; readonly heartbeat: string | null } => ({
      maybeChanged:
        lastRead === null || lastRead.hasOpen || lastRead.signals !== signals.count(sessionId, "host"),
      heartbeat: heartbeat(),
    }),

    /** Called when the agent may have written something. Returns a function that stops listening. */
    onChange: (listener: () => void): (() => void) => onChange(listener),

    /** Called with what the agent is writing, at most ten times a second; some are dropped. */
    onProgress: (listener: (progress: Progress) => void): (() => void) => onProgress(listener),

    close: async (): Promise<void> => {
      isClosed = true;
      stop();
    },
  };
};

const undelivered = (row: MessageOutRow): Undelivered => ({
  id: row.id,
  seq: row.seq,
  kind: row.kind as MessageKind,
  timestamp: row.timestamp,
  content: JSON.parse(row.content) as Json,
  inReplyTo: row.in_reply_to,
  deliverAfter: row.deliver_after,
  channelType: row.channel_type,
  platformId: row.platform_id,
  threadId: row.thread_id,
  wasClaimed: row.status === "claimed",
});

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
