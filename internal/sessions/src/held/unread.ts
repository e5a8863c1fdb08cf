import type { TransportError } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import { lookAt, type HeldSession } from "./held-session.ts";

/** After rows that could not be read or written, ms: twice as long each time, up to the longest. */
const again = { firstMs: 50, longestMs: 30_000 };

/** The rows of a session could not be used: it is looked at again later, or is another host's. */
export const unread = async (
  context: LoopContext,
  session: HeldSession,
  error: TransportError,
): Promise<void> => {
  if (error.code === "closed") return;
  if (error.code === "fenced") return context.held.lose(session, error.message);
  session.unread += 1;
  if (session.unread === 1) context.log("session-unread", { session: session.id, reason: error.message });
  lookAt(session, Date.now() + Math.min(again.firstMs * 2 ** (session.unread - 1), again.longestMs));
};
