import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { noteArrival } from "./leases.ts";
import type { InboundMessage } from "./messages/messages.ts";
import type { TransportResult } from "./messages/transport.ts";
import { withdraw, type Withdrawal, type WithdrawOrder } from "./rows/inbound.ts";
import { insertMessagesIn } from "./rows/insert-messages.ts";
import type { SessionSignals } from "./rows/session-signals.ts";
import { done, guarded, lockAsWriter, type SessionTransaction } from "./rows/transaction.ts";

/** The inbox of a session. Any host may write to it: the session's lease is for its claims, sends and ends. */
export type Inbox = {
  readonly sessionId: string;
  /** The host that writes. It looks at the session's rows itself if it has the lease; "" for whoever does not look. */
  readonly owner: string;
};

/** The inbox for a host that writes in transactions of its own. */
export type HostInbox = Inbox & {
  readonly db: Kysely<CentralTables>;
  readonly signals: SessionSignals;
};

/**
 * Writes messages to an active session in this order, all or none. Known ids are skipped. `also` writes in the same
 * transaction. `closed` if the session is closed or gone: nothing was written. The host with the lease is asked to look;
 * without such a host any host takes the session over.
 */
export const appendMessages = async (
  { db, signals, ...inbox }: HostInbox,
  messages: readonly InboundMessage[],
  also?: (transaction: Kysely<CentralTables>) => Promise<unknown>,
): Promise<TransportResult<null>> => {
  const written = await guarded(false, () =>
    db.transaction().execute(async (transaction) => {
      if (!(await appendIn(transaction, inbox, messages))) return closed;
      await also?.(transaction);
      return done(null);
    }),
  );
  if (written.ok) signals.signal(inbox.sessionId, "agent");
  return written;
};

const closed: TransportResult<never> = {
  ok: false,
  error: { code: "closed", message: "The session is closed or gone." },
};

/**
 * `appendMessages` inside a transaction of the caller. Without messages, the session's host is asked to look. False if the
 * session is closed or gone.
 */
export const appendIn = async (
  transaction: Kysely<CentralTables>,
  inbox: Inbox,
  messages: readonly InboundMessage[],
): Promise<boolean> => {
  if (!(await noteArrival(transaction, inbox))) return false;
  if (messages.length === 0) return true;
  const within = transaction as SessionTransaction;
  await insertMessagesIn(within, await lockAsWriter(within, inbox.sessionId), messages);
  return true;
};

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
