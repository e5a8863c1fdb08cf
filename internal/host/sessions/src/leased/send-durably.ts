import type { CentralTables } from "@gatehouse/central-database";
import type { InboundMessage } from "@gatehouse/session-rows/messages";
import type { Kysely } from "kysely";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "./leased-session.ts";

/**
 * Writes messages to a session, and runs `also` in the same transaction. False if this host has lost the
 * lease: then nothing was written. Throws if the database cannot be written.
 */
export const sendDurably = async (
  context: LoopContext,
  session: LeasedSession,
  messages: readonly InboundMessage[],
  also?: (transaction: Kysely<CentralTables>) => Promise<unknown>,
): Promise<boolean> => {
  const sent = await session.side.send(messages, also);
  if (sent.ok) return true;
  if (sent.error.code === "fenced" || sent.error.code === "closed") return false;
  context.log("message-not-written", { session: session.id, reason: sent.error.message });
  throw new Error(sent.error.message);
};

/**
 * Leases a session and writes one message to it, again if the lease was lost before. Returns the session; null if it is
 * closed or gone.
 */
export const sendLeased = async (
  context: LoopContext,
  sessionId: string,
  messageFor: (session: LeasedSession) => InboundMessage,
): Promise<LeasedSession | null> => {
  for (;;) {
    const session = await context.leased.lease(sessionId);
    if (session === null || (await sendDurably(context, session, [messageFor(session)]))) return session;
  }
};
