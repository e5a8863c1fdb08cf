import { waitingMessages } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import type { Effect } from "../lifecycle/session-state.ts";
import { tellChat, tellPlace } from "../delivery/tell.ts";

/** Most messages whose senders are told of one failure. */
const mostTold = 100;

/** Reports why a start failed. If no message waits, the session's chat is told, once for each reason. */
export const tellFailedWake = async (
  context: LoopContext,
  session: LeasedSession,
  { reason, isNew, failures }: Extract<Effect, { readonly do: "tell-failed-wake" }>,
): Promise<void> => {
  if (isNew) session.outbox.toldOfWake.clear();
  const waiting = await tellWaiting(context, session, reason);
  if (waiting > 0 || !isNew) return;
  await tellChat(context, session, {
    id: `wake-failed-${session.id}-${session.lease.token}-${failures}`,
    text: textOf(reason),
    inReplyTo: null,
  });
};

/**
 * Tells the sender of each waiting message that the last wake failed, and why; also senders who write before
 * the next try. Each message is told of the same reason once. Returns how many messages of people wait.
 */
export const tellWaiting = async (
  context: LoopContext,
  session: LeasedSession,
  reason: string,
): Promise<number> => {
  const waiting = await session.side.read(waitingMessages({ limit: mostTold, now: context.now() }));
  // If another host has leased the session, that host tells its senders.
  if (!waiting.ok) return 0;
  const { toldOfWake } = session.outbox;
  for (const { id: inReplyTo, ...place } of waiting.value) {
    if (toldOfWake.has(inReplyTo)) continue;
    toldOfWake.add(inReplyTo);
    const told = { id: `wake-failed-${inReplyTo}`, text: textOf(reason), inReplyTo, failed: true } as const;
    await tellPlace(context, session, place, told);
  }
  return waiting.value.length;
};

/** A reason that ends with a program's own words may lack its full stop. */
const textOf = (reason: string): string =>
  `The agent could not be started: ${reason.replace(/(?<![.!?])$/, ".")} Your message is kept, and the start is tried again.`;
