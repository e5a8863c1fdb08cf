import { appendMessages, type HostInbox } from "@gatehouse/session-rows";
import type { InboundMessage, TransportResult } from "@gatehouse/session-rows/messages";
import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import type { LoopContext } from "../context.ts";

export const inboxOf = ({ central, signals, owner, leased }: LoopContext, sessionId: string): HostInbox => {
  const workload = leased.get(sessionId)?.state().workload;
  const runs = workload?.is === "running" ? workload.run.incarnation : undefined;
  return { db: central.loop, signals, sessionId, owner, runs };
};

type Also = (transaction: Kysely<CentralTables>) => Promise<unknown>;

/** Writes messages to a session, whoever leases it, and runs `also` in the same transaction. */
export const append = async (
  context: LoopContext,
  sessionId: string,
  messages: readonly InboundMessage[],
  also?: Also,
): Promise<TransportResult<unknown>> => {
  const written = await appendMessages(inboxOf(context, sessionId), messages, also);
  if (!written.ok) return written;
  const session = context.leased.get(sessionId);
  if (session === undefined) context.lookAt(sessionId);
  else {
    session.hasUnread = true;
    session.dispatch({ type: "message" }).catch(context.report);
    // Nothing else tells of this claim.
    if (written.value === "claimed") session.schedule.soon();
  }
  return written;
};

/** As `append`. False if the session is closed or gone. Throws if the database cannot be written. */
export const appendDurably = async (
  context: LoopContext,
  sessionId: string,
  messages: readonly InboundMessage[],
  also?: Also,
): Promise<boolean> => {
  const written = await append(context, sessionId, messages, also);
  if (written.ok) return true;
  if (written.error.code === "closed") return false;
  context.log("message-not-written", { session: sessionId, reason: written.error.message });
  throw new Error(written.error.message);
};
