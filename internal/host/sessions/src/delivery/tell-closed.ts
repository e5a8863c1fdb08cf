import type { TransportResult } from "@gatehouse/session-rows/messages";
import { pause } from "@gatehouse/fs-kit";
import { releaseClaims } from "../containers/release-claims.ts";
import { fenceOf, type LoopContext } from "../context.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { accountForEnds } from "./tell-ended.ts";
import { tellOrigin } from "./tell-failed.ts";
import { withdrawAllTools } from "./tool-questions.ts";

/** Messages that are read at once. */
const limit = 50;

/** Later than the `processAfter` of any message. */
const farFuture = "9999-12-31T23:59:59.999Z";

/** How long a failing read of the rows is repeated, and the pause between two tries, ms. */
const [patienceMs, againMs] = [5_000, 50];

/**
 * Processes the messages that ended in a session whose container is gone, and tells the channels of those
 * whose answer will not be sent.
 */
export const accountForClosed = async (
  context: LoopContext,
  session: LeasedSession,
  reason: string,
): Promise<void> => {
  await releaseClaims(context, session, true);
  await withdrawAllTools(context, session);
  const state = await patiently(session, () => session.side.state(context.now()));
  if (!state.ok) return notRead(context, session, state.error.message);
  await accountForEnds(context, session, state.value);
  const left = await undeliveredAnswers(context, session);
  const unsent = new Set([...session.outbox.ends.splice(0).map(({ id }) => id), ...left]);
  for (const id of unsent)
    if (!session.outbox.answered.has(id)) await endInChannels(context, session, id, reason);
};

/**
 * Tells the sender of each open message that it will not be answered. The id of that text is fixed, so
 * repeated calls tell each sender once. Returns the number of the last message; with it, the next call
 * continues after that message.
 */
export const tellClosed = async (
  context: LoopContext,
  session: LeasedSession,
  reason: string,
  after = 0,
): Promise<number> => {
  let last = after;
  while (!isOver(session)) {
    const page = await patiently(session, () => session.side.unanswered({ limit, after: last }));
    if (!page.ok) notRead(context, session, page.error.message);
    if (!page.ok || page.value.length === 0) return last;
    for (const { id, seq, ...origin } of page.value) {
      context.log("message-failed", { session: session.id, id, reason: "session-closed" });
      const told = { id: `closed-${id}`, text: textOf(reason), inReplyTo: id, failed: true } as const;
      await tellOrigin(context, session, origin, told);
      // If the chat is gone, the text above was not sent, but a client that waits there still has to learn
      // the end.
      if (origin.sourceSessionId === null) await endInChannels(context, session, id, reason);
      last = seq;
    }
  }
  return last;
};

const textOf = (reason: string): string =>
  `This message will not be answered: the agent's session was closed (${reason}).`;

/** A channel shows nothing for a message that was answered. */
const endInChannels = async (
  context: LoopContext,
  session: LeasedSession,
  id: string,
  reason: string,
): Promise<void> => {
  const fence = fenceOf(context, session);
  for (const channel of context.channels) await channel.ended?.({ id, failure: textOf(reason), ...fence });
};

/** The messages whose answers are written but not delivered, including answers for a later time. */
const undeliveredAnswers = async (
  context: LoopContext,
  session: LeasedSession,
): Promise<ReadonlySet<string>> => {
  const seen = new Set<string>();
  const answered = new Set<string>();
  while (!isOver(session)) {
    const left = await patiently(session, () =>
      session.side.receive({ limit, now: farFuture, except: [...seen] }),
    );
    if (!left.ok) notRead(context, session, left.error.message);
    if (!left.ok || left.value.length === 0) break;
    for (const { id, inReplyTo } of left.value) {
      seen.add(id);
      if (inReplyTo !== null) answered.add(inReplyTo);
    }
  }
  return answered;
};

const patiently = async <T>(
  session: LeasedSession,
  read: () => Promise<TransportResult<T>>,
): Promise<TransportResult<T>> => {
  for (const until = performance.now() + patienceMs; ; await pause(againMs)) {
    const found = await read();
    const mayCome = !found.ok && found.error.code === "unwritable";
    if (!mayCome || performance.now() >= until || isOver(session)) return found;
  }
};

const notRead = ({ log }: LoopContext, session: LeasedSession, reason: string): void =>
  log("not-told", { session: session.id, id: session.id, reason });
