import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { noteArrival } from "./leases.ts";
import type { InboundMessage } from "./messages/messages.ts";
import type { TransportResult } from "./messages/transport.ts";
import { withdraw, type Withdrawal, type WithdrawOrder } from "./rows/inbound.ts";
import { insertMessagesIn } from "./rows/insert-messages.ts";
import type { Offer, SessionSignals } from "./rows/session-signals.ts";
import { done, guarded, lockAsWriter, pending, type SessionTransaction } from "./rows/transaction.ts";

/** The inbox of a session. Any host may write to it: the session's lease is for its claims, sends and ends. */
export type Inbox = {
  readonly sessionId: string;
  /** The host that writes. It looks at the session's rows itself if it has the lease; "" for whoever does not look. */
  readonly owner: string;
};

/** Whether messages were claimed as they were written. */
type Appended = "claimed" | "unclaimed";

/** The inbox for a host that writes in transactions of its own. */
export type HostInbox = Inbox & {
  readonly db: Kysely<CentralTables>;
  readonly signals: SessionSignals;
  /**
   * The incarnation that this host runs. Of another one the exit may be nobody's, and so would be what it has claimed. Absent: none.
   */
  readonly runs?: number | undefined;
};

/**
 * Writes messages to an active session in this order, all or none. Known ids are skipped. `also` writes in the same
 * transaction. `closed` if the session is closed or gone: nothing was written. The host with the lease is asked to look;
 * without such a host any host takes the session over. A person's message is claimed as it is written, if nothing else waits
 * and the session's agent, which this host runs and which is connected to it, has offered to take it since the last message.
 */
export const appendMessages = async (
  { db, signals, runs, ...inbox }: HostInbox,
  messages: readonly InboundMessage[],
  also?: (transaction: Kysely<CentralTables>) => Promise<unknown>,
): Promise<TransportResult<Appended>> => {
  const [only] = messages.length === 1 ? messages : [];
  const offer = only !== undefined && mayBeTaken(only) ? signals.takeOffer(inbox.sessionId) : null;
  const written = await guarded(false, () =>
    db.transaction().execute(async (transaction) => {
      const appended = await appendIn(
        transaction,
        inbox,
        messages,
        offer?.incarnation === runs ? offer : null,
      );
      if (appended === null) return closed;
      await also?.(transaction);
      return done(appended);
    }),
  );
  if (written.ok) signals.signal(inbox.sessionId, "agent");
  return written;
};

/** Whether an agent without work can take a message as a batch of its own, whatever it says. */
const mayBeTaken = ({ kind, trigger, onWake, processAfter }: InboundMessage): boolean =>
  kind === "chat" && trigger && !onWake && processAfter === null;

const closed: TransportResult<never> = {
  ok: false,
  error: { code: "closed", message: "The session is closed or gone." },
};

/**
 * `appendMessages` inside a transaction of the caller. Without messages, the session's host is asked to look. Null if the
 * session is closed or gone.
 */
export const appendIn = async (
  transaction: Kysely<CentralTables>,
  inbox: Inbox,
  messages: readonly InboundMessage[],
  offer: Offer | null = null,
): Promise<Appended | null> => {
  if (!(await noteArrival(transaction, inbox))) return null;
  if (messages.length === 0) return "unclaimed";
  const within = transaction as SessionTransaction;
  const session = await lockAsWriter(within, inbox.sessionId);
  const holds = offer?.incarnation === session.incarnation && offer.readTo === session.seq;
  const isTaken = holds && !(await hasOpen(within, inbox.sessionId));
  await insertMessagesIn(within, session, messages, isTaken ? offer : null);
  return isTaken ? "claimed" : "unclaimed";
};

/** Whether a session has a message that has not ended, of any kind. */
const hasOpen = async (db: SessionTransaction, sessionId: string): Promise<boolean> =>
  (await db
    .selectFrom("session_messages_in")
    .select("id")
    .where("session_id", "=", sessionId)
    .where("status", "=", pending)
    .limit(1)
    .executeTakeFirst()) !== undefined;

/**
 * Withdraws a message that no agent has claimed. The host with the lease tells its sender. Null if the session is closed
 * or gone.
 */
export const withdrawMessage = (
  { db, ...inbox }: HostInbox,
  order: WithdrawOrder,
): Promise<Withdrawal | null> =>
  db.transaction().execute(async (transaction) => {
    if (!(await noteArrival(transaction, inbox))) return null;
    await lockAsWriter(transaction, inbox.sessionId);
    return withdraw(transaction, inbox.sessionId, order);
  });
