import type { TransportError } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import { lookAt, type HeldSession } from "./held-session.ts";

/** After a file that the other side held, ms: twice as long each time, up to the longest. */
const busyAgain = { firstMs: 4, longestMs: 100 };

/** The same after a file that cannot be read. */
const unreadableAgain = { firstMs: 50, longestMs: 300_000 };

/** What an operator can do about a session whose agent left a file that cannot be read. */
export const howToMend = (sessionId: string): string =>
  `its next container repairs the file or moves it aside; if it does not, end the session: ncl sessions close ${sessionId}`;

/** A session's files could not be used: it is looked at again later, or is another host's. */
export const unread = async (
  context: LoopContext,
  session: HeldSession,
  error: TransportError,
): Promise<void> => {
  if (error.code === "closed") return;
  if (error.code === "fenced") return context.held.lose(session, error.message);
  if (error.code === "busy") {
    session.busy += 1;
    return lookAt(session, Date.now() + doubled(busyAgain, session.busy));
  }
  session.unreadable += 1;
  if (session.unreadable === 1)
    context.log("session-unreadable", {
      ...{ session: session.id, reason: error.message },
      ...(error.code === "unreadable" ? { fix: howToMend(session.id) } : {}),
    });
  lookAt(session, Date.now() + doubled(unreadableAgain, session.unreadable));
};

const doubled = ({ firstMs, longestMs }: typeof busyAgain, times: number): number =>
  Math.min(firstMs * 2 ** (times - 1), longestMs);
