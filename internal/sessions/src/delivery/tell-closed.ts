import type { TransportResult } from "@nc/session-db";
import { pause } from "@gatehouse/fs-kit";
import { releaseClaims } from "../containers/release-claims.ts";
import { fenceOf, type LoopContext } from "../context.ts";
import { isOver, type HeldSession } from "../held/held-session.ts";
import { accountForEnds } from "./tell-ended.ts";
import { tellOrigin } from "./tell-failed.ts";

/** Messages that are read at once. */
const limit = 50;

/** Later than any time that a message waits for. */
const endOfTime = "9999-12-31T23:59:59.999Z";

/** How long rows are tried that cannot be read, and the pause between, ms. */
const [patienceMs, againMs] = [5_000, 50];

/**
 * Takes over how messages of a session ended whose container is gone, and tells the channels of those whose answer
 * is not sent any more.
 */
export const accountForClosed = async (
  context: LoopContext,
  session: HeldSession,
  reason: string,
): Promise<void> => {
  await releaseClaims(context, session, true);
  const state = await patiently(session, () => session.end.state(context.now()));
  if (!state.ok) return notRead(context, session, state.error.message);
  await accountForEnds(context, session, state.value);
  const left = await undeliveredAnswers(context, session);
  const unsent = new Set([...session.outbox.ends.splice(0).map(({ id }) => id), ...left]);
  for (const id of unsent)
    if (!session.outbox.answered.has(id)) await endInChannels(context, session, id, reason);
};

/**
 * Tells whoever sent a message that has not ended that it will not be answered: under a fixed id, so once, however
 * often it is called. Returns the number of the last one; with it, the next call tells of later ones.
 */
export const tellClosed = async (
  context: LoopContext,
  session: HeldSession,
  reason: string,
  after = 0,
): Promise<number> => {
  let last = after;
  while (!isOver(session)) {
    const page = await patiently(session, () => session.end.unanswered({ limit, after: last }));
    if (!page.ok) notRead(context, session, page.error.message);
    if (!page.ok || page.value.length === 0) return last;
    for (const { id, seq, ...origin } of page.value) {
      context.log("message-failed", { session: session.id, id, reason: "session-closed" });
      const told = { id: `closed-${id}`, text: textOf(reason), inReplyTo: id, failed: true } as const;
      await tellOrigin(context, session, origin, told);
      // A chat that is gone took nothing: whoever waits there hears it all the same.
      if (origin.sourceSessionId === null) await endInChannels(context, session, id, reason);
      last = seq;
    }
  }
  return last;
};

const textOf = (reason: string): string =>
  `This message will not be answered: the agent's session was closed (${reason}).`;

/** Channels say nothing of a message that something answered. */
const endInChannels = async (
  context: LoopContext,
  session: HeldSession,
  id: string,
  reason: string,
): Promise<void> => {
  const fence = fenceOf(context, session);
  for (const channel of context.channels) await channel.ended?.({ id, failure: textOf(reason), ...fence });
};

/** The messages that the agent wrote answers to which are not delivered, also those for a later time. */
const undeliveredAnswers = async (
  context: LoopContext,
  session: HeldSession,
): Promise<ReadonlySet<string>> => {
  const seen = new Set<string>();
  const answered = new Set<string>();
  while (!isOver(session)) {
    const left = await patiently(session, () =>
      session.end.receive({ limit, now: endOfTime, except: [...seen] }),
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
  session: HeldSession,
  read: () => Promise<TransportResult<T>>,
): Promise<TransportResult<T>> => {
  for (const until = performance.now() + patienceMs; ; await pause(againMs)) {
    const found = await read();
    const mayCome = !found.ok && found.error.code === "unwritable";
    if (!mayCome || performance.now() >= until || isOver(session)) return found;
  }
};

const notRead = ({ log }: LoopContext, session: HeldSession, reason: string): void =>
  log("not-told", { session: session.id, id: session.id, reason });
