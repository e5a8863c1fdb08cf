import { sql } from "kysely";
import { nextBatch } from "../../decisions/batch.ts";
import type { Json, ReceivedInbound } from "../../messages.ts";
import type { AgentEnd } from "../../transport.ts";
import { agentTransactions, type AgentSideOptions } from "./agent-transactions.ts";
import { dueTimer } from "./due-timer.ts";
import { insertMessagesOut } from "./insert-messages.ts";
import { agentQuestions } from "./questions.ts";
import type { MessageInRow, SessionTransportRow } from "./session-tables.ts";
import { fullOfMessages, hasRoomForMessages } from "./agent-limits.ts";
import { keptValues } from "./kept-values.ts";
import { nextDueAt } from "./session-state.ts";
import { pending, system, type SessionDatabase, type SessionTransaction } from "./session-transaction.ts";

/** Between two words on an agent's progress, ms. Those that come sooner are lost. */
const progressMs = 100;

/**
 * The agent's side of a session whose rows are in a database: what a host does for the agent that is connected to it.
 * Its incarnation is the one that it finds first; once a newer one was projected, it writes nothing more.
 */
export const openAgentSide = (options: AgentSideOptions): AgentEnd => {
  const { sessionId, signals } = options;
  let isClosed = false;
  let saidAt = -Infinity;
  const { onChange, onNotice, stop } = signals.listeners(sessionId, "agent");
  const transactions = agentTransactions(options, () => isClosed);
  const tellHost = (): void => signals.tell(sessionId, "host");
  const due = dueTimer(() => signals.tell(sessionId, "agent"));

  return {
    projection: transactions.projection,
    receive: (wanted) =>
      transactions.read(async (tables, incarnation) => {
        const messages = await batch(tables, { sessionId, incarnation, ...wanted });
        if (!isClosed) due.set(await nextDueAt(tables, sessionId, wanted.now), wanted.now);
        return messages;
      }),
    receiveSystem: (limit) =>
      transactions.read(async (tables, incarnation) =>
        (await systemRows(tables, sessionId, incarnation, limit)).map(received),
      ),
    commit: async (work) => {
      const written = await transactions.write(async (tables, session) => {
        if (work.messages.length > 0 && !(await hasRoomForMessages(tables, session, work.messages.length)))
          return "full";
        await acknowledge(tables, session, work);
        await insertMessagesOut(tables, session, work.messages);
        return null;
      });
      if (!written.ok) return written;
      if (written.value === "full") return fullOfMessages;
      tellHost();
      return { ok: true, value: null };
    },
    ...keptValues(options, transactions, tellHost),
    heartbeat: async () => {
      const incarnation = await transactions.incarnation();
      if (incarnation !== null) signals.beat(sessionId, { incarnation, at: new Date().toISOString() });
    },
    ...agentQuestions(sessionId, transactions, tellHost),
    progress: (text) => {
      const at = performance.now();
      if (at - saidAt < progressMs) return;
      saidAt = at;
      signals.progress(sessionId, text);
    },
    drained: () => {},
    isConnected: () => !isClosed,
    onNotice,
    onChange,
    close: async () => {
      isClosed = true;
      due.stop();
      stop();
    },
  };
};

/** Messages that have not ended and that this incarnation does not have in work. */
const openRows = (db: SessionDatabase, sessionId: string, incarnation: number) =>
  db
    .selectFrom("session_messages_in")
    .selectAll()
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .where((is) => is.or([is("claimed_by", "is", null), is("claimed_by", "<>", incarnation)]));

const systemRows = (
  db: SessionDatabase,
  sessionId: string,
  incarnation: number,
  limit: number,
): Promise<MessageInRow[]> =>
  openRows(db, sessionId, incarnation).where("kind", "=", system).orderBy("seq").limit(limit).execute();

type Wanted = Parameters<AgentEnd["receive"]>[0] & {
  readonly sessionId: string;
  readonly incarnation: number;
};

/** Each query takes the rows that it may need along an index. */
const batch = async (
  db: SessionDatabase,
  { sessionId, incarnation, isFirst, limit, now }: Wanted,
): Promise<readonly ReceivedInbound[]> => {
  const due = openRows(db, sessionId, incarnation)
    .where("kind", "<>", system)
    .where((is) => is.or([is("process_after", "is", null), is("process_after", "<=", now)]));
  const wake = isFirst
    ? await due
        .where("on_wake", "=", sql.lit(1 as const))
        .where("wake_incarnation", "<=", incarnation)
        .orderBy("seq")
        .execute()
    : [];
  const ordinary = due.where("on_wake", "=", 0).limit(limit);
  const triggers = await ordinary.where("trigger", "=", 1).orderBy("seq").execute();
  const again = triggers[0]?.batch ?? null;
  if (wake.length === 0 && again !== null)
    return (await leftOfBatch(db, sessionId, incarnation, again)).map(received);
  const context = await ordinary.where("trigger", "=", 0).orderBy("seq", "desc").execute();
  return nextBatch([...wake, ...triggers, ...context].map(received), limit);
};

/** What has not ended of a batch that an earlier incarnation had claimed, in its order. */
const leftOfBatch = (
  db: SessionDatabase,
  sessionId: string,
  incarnation: number,
  batch: string,
): Promise<MessageInRow[]> =>
  openRows(db, sessionId, incarnation)
    .where("kind", "<>", system)
    .where("batch", "=", batch)
    .orderBy("batch_place")
    .execute();

const received = (row: MessageInRow): ReceivedInbound => ({
  ...{ id: row.id, seq: row.seq, kind: row.kind, timestamp: row.timestamp, tries: row.tries },
  content: JSON.parse(row.content) as Json,
  trigger: row.trigger === 1,
  onWake: row.on_wake === 1,
  sourceSessionId: row.source_session_id,
  processAfter: row.process_after,
  channelType: row.channel_type,
  platformId: row.platform_id,
  threadId: row.thread_id,
  ...(row.batch === null ? {} : { batch: row.batch }),
});

/** A message that has ended stays as it ended. */
const acknowledge = async (
  db: SessionTransaction,
  { session_id, incarnation }: SessionTransportRow,
  { acknowledgements, now, batch }: Parameters<AgentEnd["commit"]>[0],
): Promise<void> => {
  for (const [place, { id, status, reason }] of acknowledgements.entries())
    await db
      .updateTable("session_messages_in")
      .set(
        status === "processing"
          ? {
              ...{ claimed_at: now, claimed_by: incarnation },
              ...(batch === undefined ? {} : { batch, batch_place: place }),
            }
          : { status, reason, told: 0, claimed_at: null, claimed_by: null, ended_by: incarnation },
      )
      .where("session_id", "=", session_id)
      .where("id", "=", id)
      .where("status", "=", pending)
      .execute();
};
