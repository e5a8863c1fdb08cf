import { sql } from "kysely";
import { nextBatch } from "./batch.ts";
import type { Json, ReceivedInbound } from "../messages/messages.ts";
import type { Acknowledgement, AgentSide, Committed, Secrets } from "../messages/transport.ts";
import { insertMessagesOut } from "./insert-messages.ts";
import { agentQuestions } from "./questions.ts";
import type { SessionTransportRow } from "@gatehouse/central-database";
import { fullOfMessages, hasRoomForMessages } from "./agent-limits.ts";
import { keptValues } from "./kept-values.ts";
import { isDue, nextDueAt, withdrawnReason } from "./inbound.ts";
import {
  agentTransactions,
  done,
  origin,
  pending,
  system,
  type AgentSideOptions,
  type SessionDatabase,
  type SessionTransaction,
} from "./transaction.ts";

/** The options of an agent's side, and its secrets. */
export type ServedAgentOptions = AgentSideOptions & {
  /** Reads the secrets of the session's agent. Default: there are none. */
  readonly secrets?: () => Promise<Secrets>;
};

const none = (): Promise<Secrets> => Promise.resolve({});

/** Shortest time between two progress texts of an agent, ms. Texts that come sooner are dropped. */
const progressMs = 100;

/**
 * The agent's side of a session whose rows are in a database. The host uses it to serve a connected agent.
 * The side's incarnation is the one that its first call finds; after a newer one was projected, it can write
 * nothing more.
 */
export const openAgentSide = (options: ServedAgentOptions): AgentSide => {
  const { sessionId, signals, secrets = none } = options;
  let isClosed = false;
  let saidAt = -Infinity;
  const { onChange, stop } = signals.listeners(sessionId, "agent");
  const transactions = agentTransactions(options, () => isClosed);
  const signalHost = (): void => signals.signal(sessionId, "host");
  const due = dueTimer(() => signals.signal(sessionId, "agent"));

  return {
    projection: transactions.projection,
    secrets: () => transactions.read(secrets),
    receive: (wanted) =>
      transactions.read(async (tables, incarnation) => {
        const { offer } = wanted;
        // Before the messages: one that is written between the two reads must end the offer, also if it takes it.
        const readTo = offer === undefined ? null : await newestNumber(tables, sessionId);
        const taken =
          offer === undefined ? [] : await claimedInBatch(tables, { sessionId, incarnation }, offer);
        if (taken.length > 0) return taken.map(received);
        const messages = await nextMessages(tables, { sessionId, incarnation, ...wanted });
        if (isClosed) return messages;
        due.set(await nextDueAt(tables, sessionId, wanted.now), wanted.now);
        const isOffered = offer !== undefined && readTo !== null && messages.length === 0;
        signals.offer(sessionId, isOffered ? { incarnation, batch: offer, readTo } : null);
        return messages;
      }),
    receiveSystem: (limit) =>
      transactions.read(async (tables, incarnation) =>
        (
          await openRows(tables, { sessionId, incarnation })
            .where("kind", "=", system)
            .orderBy("seq")
            .limit(limit)
            .execute()
        ).map(received),
      ),
    commit: async (work) => {
      const written = await transactions.write<Committed>(async (tables, session) => {
        if (await hasWithdrawn(tables, sessionId, work.acknowledgements)) return done("withdrawn");
        if (work.messages.length > 0 && !(await hasRoomForMessages(tables, session, work.messages.length)))
          return fullOfMessages;
        await acknowledge(tables, session, work);
        await insertMessagesOut(tables, session, work.messages);
        return done(null);
      });
      if (written.ok && written.value === null) signalHost();
      return written;
    },
    ...keptValues(options, transactions, signalHost),
    heartbeat: async () => {
      const incarnation = await transactions.incarnation();
      if (incarnation !== null) signals.beat(sessionId, { incarnation, at: new Date().toISOString() });
    },
    ...agentQuestions(sessionId, transactions, signalHost),
    progress: (progress) => {
      const at = performance.now();
      if (progress.waits !== true) {
        if (at - saidAt < progressMs) return;
        saidAt = at;
      }
      signals.progress(sessionId, progress);
    },
    isConnected: () => !isClosed,
    onChange,
    close: async () => {
      isClosed = true;
      signals.offer(sessionId, null);
      due.stop();
      stop();
    },
  };
};

/** Messages that have not ended. */
const pendingRows = (db: SessionDatabase, sessionId: string) =>
  db
    .selectFrom("session_messages_in")
    .select(["id", "seq", "kind", "timestamp", "tries", "content", "trigger", "batch", ...origin])
    .select(["on_wake as onWake", "process_after as processAfter"])
    .where("session_id", "=", sessionId)
    .where("status", "=", pending);

/** Those of them that this incarnation does not have in work. */
const openRows = (db: SessionDatabase, { sessionId, incarnation }: OfAgent) =>
  pendingRows(db, sessionId).where((is) =>
    is.or([is("claimed_by", "is", null), is("claimed_by", "<>", incarnation)]),
  );

/** The message that was claimed as it was written, for an agent that had offered to take it. */
const claimedInBatch = (db: SessionDatabase, { sessionId, incarnation }: OfAgent, batch: string) =>
  pendingRows(db, sessionId)
    .where("claimed_at", "is not", null)
    .where("claimed_by", "=", incarnation)
    .where("batch", "=", batch)
    .execute();

/** The number of a session's newest message, of either side; null before anybody has written. */
const newestNumber = async (db: SessionDatabase, sessionId: string): Promise<number | null> => {
  const row = await db
    .selectFrom("session_transport")
    .select("seq")
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  return row?.seq ?? null;
};

type OfAgent = { readonly sessionId: string; readonly incarnation: number };

type Wanted = Parameters<AgentSide["receive"]>[0] & OfAgent;

const dueRows = (db: SessionDatabase, wanted: Wanted) =>
  openRows(db, wanted).where("kind", "<>", system).where(isDue(wanted.now));

/** The next batch. Each query reads only the rows that it may need, along an index. */
const nextMessages = async (db: SessionDatabase, wanted: Wanted): Promise<readonly ReceivedInbound[]> => {
  const { incarnation, isFirst, limit } = wanted;
  const wake = isFirst
    ? await dueRows(db, wanted)
        .where("on_wake", "=", sql.lit(1 as const))
        .where("wake_incarnation", "<=", incarnation)
        .orderBy("seq")
        .execute()
    : [];
  const ordinary = dueRows(db, wanted)
    .where("on_wake", "=", sql.lit(0 as const))
    .limit(limit);
  const triggers = await ordinary
    .where("trigger", "=", sql.lit(1 as const))
    .orderBy("seq")
    .execute();
  const again = triggers[0]?.batch ?? null;
  if (wake.length === 0 && again !== null) return (await leftOfBatch(db, wanted, again)).map(received);
  const context = await ordinary
    .where("trigger", "=", sql.lit(0 as const))
    .orderBy("seq", "desc")
    .execute();
  return nextBatch([...wake, ...triggers, ...context].map(received), limit);
};

/** The messages that are left of a batch claimed by an earlier incarnation, in the batch's order. */
const leftOfBatch = (db: SessionDatabase, agent: OfAgent, batch: string) =>
  openRows(db, agent).where("kind", "<>", system).where("batch", "=", batch).orderBy("batch_place").execute();

type PendingRow = Awaited<ReturnType<ReturnType<typeof pendingRows>["execute"]>>[number];

const received = ({ content, trigger, onWake, batch, ...row }: PendingRow): ReceivedInbound => ({
  ...row,
  content: JSON.parse(content) as Json,
  trigger: trigger === 1,
  onWake: onWake === 1,
  ...(batch === null ? {} : { batch }),
});

/** Whether a message that is to be claimed has ended: its sender may withdraw it between the read and the claim. */
const hasWithdrawn = async (
  db: SessionTransaction,
  sessionId: string,
  acknowledgements: readonly Acknowledgement[],
): Promise<boolean> => {
  const claimed = acknowledgements.flatMap(({ id, status }) => (status === "processing" ? [id] : []));
  if (claimed.length === 0) return false;
  const ended = await db
    .selectFrom("session_messages_in")
    .select("id")
    .where("session_id", "=", sessionId)
    .where("id", "in", claimed)
    .where("status", "=", "failed")
    .where("reason", "like", `${withdrawnReason}%`)
    .limit(1)
    .executeTakeFirst();
  return ended !== undefined;
};

/** Claims messages, or ends them. The status of an ended message does not change. */
const acknowledge = async (
  db: SessionTransaction,
  { session_id: sessionId, incarnation }: SessionTransportRow,
  { acknowledgements, now, batch }: Parameters<AgentSide["commit"]>[0],
): Promise<void> => {
  for (const [place, { id, status, reason }] of acknowledgements.entries()) {
    const openMessage = db
      .updateTable("session_messages_in")
      .where("session_id", "=", sessionId)
      .where("id", "=", id)
      .where("status", "=", pending);
    if (status === "processing")
      await openMessage
        .set({ claimed_at: now, claimed_by: incarnation })
        .$if(batch !== undefined, (claim) => claim.set({ batch, batch_place: place }))
        .execute();
    else
      await openMessage
        .set({ status, reason, ended_by: incarnation, told: 0, claimed_at: null, claimed_by: null })
        .execute();
  }
};

/** The longest time that a timer takes, ms. */
const longestMs = 2 ** 31 - 1;

/** A timer that calls once, at the time that was set last. */
type DueTimer = {
  /** Both times are of one clock, ISO 8601. Null: nothing becomes due. */
  readonly set: (dueAt: string | null, now: string) => void;
  readonly stop: () => void;
};

const dueTimer = (call: () => void): DueTimer => {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (dueAt, now) => {
      clearTimeout(timer);
      if (dueAt === null) return;
      timer = setTimeout(call, Math.min(Date.parse(dueAt) - Date.parse(now), longestMs));
      timer.unref();
    },
    stop: () => clearTimeout(timer),
  };
};
