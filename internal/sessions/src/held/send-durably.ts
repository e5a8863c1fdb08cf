import type { InboundMessage } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "./held-session.ts";

/**
 * Writes messages to a session. False if this host no longer holds the session: then nothing was written. A database
 * that cannot be written is thrown.
 */
export const sendDurably = async (
  context: LoopContext,
  session: HeldSession,
  messages: readonly InboundMessage[],
): Promise<boolean> => {
  const sent = await session.end.send(messages);
  if (sent.ok) return true;
  if (sent.error.code === "fenced" || sent.error.code === "closed") return false;
  context.log("message-not-written", { session: session.id, reason: sent.error.message });
  throw new Error(sent.error.message);
};
