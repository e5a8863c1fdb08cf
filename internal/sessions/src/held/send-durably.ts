import { pause } from "@gatehouse/fs-kit";
import type { InboundMessage } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "./held-session.ts";

/** Between two tries while the container reads, ms. */
const againMs = 50;

/**
 * Writes messages to a session, again and again while its container holds the file. False if this host no
 * longer holds the session: then nothing was written. A folder that cannot be written is thrown.
 */
export const sendDurably = async (
  context: LoopContext,
  session: HeldSession,
  messages: readonly InboundMessage[],
): Promise<boolean> => {
  for (;;) {
    const sent = await session.end.send(messages);
    if (sent.ok) return true;
    if (sent.error.code === "fenced" || sent.error.code === "closed") return false;
    if (sent.error.code !== "busy") {
      context.log("message-not-written", { session: session.id, reason: sent.error.message });
      throw new Error(sent.error.message);
    }
    await pause(againMs);
  }
};
