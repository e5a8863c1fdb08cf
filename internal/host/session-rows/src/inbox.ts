import type { Kysely } from "kysely";
import { isServer, type CentralTables } from "@gatehouse/central-database";
import { noteArrival } from "./leases.ts";
import type { InboundMessage } from "./messages/messages.ts";
import type { TransportResult } from "./messages/transport.ts";
import { withdraw, type Withdrawal, type WithdrawOrder } from "./rows/inbound.ts";
import { insertMessagesIn } from "./rows/insert-messages.ts";
import type { SessionSignals } from "./rows/session-signals.ts";
import { done, guarded, lockAsWriter, type SessionTransaction } from "./rows/transaction.ts";

/** The inbox of a session. Any host may write to it: the session's lease is for its claims, sends and ends. */
export type Inbox = {
  readonly db: Kysely<CentralTables>;
  readonly signals: SessionSignals;
  readonly sessionId: string;
  /** The host that writes. It looks at the session's rows itself if it has the lease. */
  readonly owner: string;
};

/**
 * Writes messages to an active session in this order, all or none. Known ids are skipped. `also` writes in the same
 * transaction. `closed` if the session is closed or gone: nothing was written. After the commit, the host with the lease
 * is asked to look; without such a host any host takes the session over.
 */
export const appendMessages = async (
  inbox: Inbox,
  messages: readonly InboundMessage[],
  also?: (transaction: Kysely<CentralTables>) => Promise<unknown>,
): Promise<TransportResult<null>> => {
  const written = await guarded(false, async () => {
    const count = await inOpenSession(inbox, async (transaction) => {
      const session = await lockAsWriter(transaction, inbox.sessionId);
      await also?.(transaction);
      return insertMessagesIn(transaction, session, messages);
    });
    return count === null ? closed : done(null);
  });
  if (written.ok) inbox.signals.tell(inbox.sessionId, "agent");
  return written;
};

const closed: TransportResult<never> = {
  ok: false,
  error: { code: "closed", message: "The session is closed or gone." },
};

/**
 * Withdraws a message that no agent has claimed. The host with the lease tells its sender. Null if the session is closed
 * or gone.
 */
export const withdrawMessage = (inbox: Inbox, order: WithdrawOrder): Promise<Withdrawal | null> =>
  inOpenSession(inbox, async (transaction) => {
    await lockAsWriter(transaction, inbox.sessionId);
    return withdraw(transaction, inbox.sessionId, order);
  });

/** Writes to a session that stays open until the commit. Null if it is closed or gone. */
const inOpenSession = <T>(
  { db, sessionId, owner }: Inbox,
  work: (transaction: SessionTransaction) => Promise<T>,
): Promise<T | null> =>
  db.transaction().execute(async (transaction) => {
    const open = transaction
      .selectFrom("sessions")
      .select("id")
      .where("id", "=", sessionId)
      .where("status", "=", "active");
    const row = await (isServer(transaction) ? open.forShare() : open).executeTakeFirst();
    if (row === undefined) return null;
    const value = await work(transaction);
    await noteArrival(transaction, { sessionId, owner });
    return value;
  });
