import type { EndedMessage } from "@gatehouse/channels";
import { pause } from "@gatehouse/fs-kit";
import { markTold, openMessagesAfter, sessionState, withdrawnReason } from "@gatehouse/session-rows";
import { oneLine } from "@gatehouse/std";
import {
  type Ended,
  isInterrupted,
  type Origin,
  type TransportResult,
} from "@gatehouse/session-rows/messages";
import { channelOf, fenceOf, type LoopContext } from "../context.ts";
import { hostText } from "@gatehouse/session-rows/messages";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { instanceOf, type Place, placeIn, sessionFacts } from "../leased/session-facts.ts";
import { maxTries } from "../lifecycle/judge.ts";
import { append } from "../leased/append.ts";

// Tells the sender of a message how it ended: in a chat, or in the session of the agent that sent it.

/**
 * Tells the senders of messages that ended without an answer, because a client may be waiting. A host that is killed before
 * it has noted that tells them again under the same ids. An end whose answer waits to be sent is left for a later pass, unless
 * the session is closed for this reason: then no answer is sent.
 */
export const tellEnds = async (
  context: LoopContext,
  session: LeasedSession,
  ended: readonly Ended[],
  closedBecause: string | null = null,
): Promise<void> => {
  const due = ended.filter(({ answer }) => answer !== "waits" || closedBecause !== null);
  if (due.length === 0) return;
  await session.dispatch({ type: "ended", at: Date.now() });
  for (const end of due) {
    // The reason is the agent's own text, which is never logged.
    if (end.status === "failed" && !isWithdrawn(end.reason)) {
      const reason = isGivenUp(end) ? "not-answered" : "agent-failed";
      context.log("message-failed", { session: session.id, id: end.id, reason });
    }
    if (end.answer === "waits")
      await endInChannel(context, session, { id: end.id, failure: closedText(closedBecause ?? "") }, end);
    if (end.answer === null) await tellEnd(context, session, end);
  }
  const told = await session.side.transact(markTold(due.map(({ id }) => id)));
  if (!told.ok) await session.dispatch({ type: "refused", at: Date.now(), error: told.error });
};

const tellEnd = async (context: LoopContext, session: LeasedSession, end: Ended): Promise<void> => {
  const { id, status, reason } = end;
  if (isGivenUp(end)) {
    const why = oneLine(reason ?? "the agent ended each time it worked on it", longestReason);
    const text = `This message could not be answered: ${why}`;
    await tellOrigin(context, session, end, { id: `failed-${id}`, text, inReplyTo: id, failed: true });
    return;
  }
  const failure = status === "failed" ? failureOf(reason) : null;
  await endInChannel(context, session, { id, failure, ...(isOrdered(reason) ? { ordered: true } : {}) }, end);
};

/** Too many containers ended on it. */
const isGivenUp = ({ status, tries }: Ended): boolean => status === "failed" && tries >= maxTries;

const isWithdrawn = (reason: string | null): boolean => reason?.startsWith(withdrawnReason) === true;

/** Whether a person's order ended the message: the order has an answer of its own. */
const isOrdered = (reason: string | null): boolean =>
  isWithdrawn(reason) || (reason !== null && isInterrupted(reason));

const failureOf = (reason: string | null): string => {
  if (isWithdrawn(reason)) return `${withdrawnReason}.`;
  return reason !== null && isInterrupted(reason)
    ? reason
    : `No answer: ${oneLine(reason ?? "the reason is unknown.", longestReason)}`;
};

/** Most characters of an agent's own reason in a sentence of the host. */
const longestReason = 500;

/** Messages of a closed session that are read at once. */
const limit = 50;

/** How long a failing read of the rows is repeated, and the pause between two tries, ms. */
const [patienceMs, againMs] = [5_000, 50];

/**
 * Processes the messages that ended in a session whose container is gone, and tells the channels of those
 * whose answer will not be sent. The claims of the container are released before.
 */
export const accountForClosed = async (
  context: LoopContext,
  session: LeasedSession,
  reason: string,
): Promise<void> => {
  const state = await patiently(session, () => session.side.read(sessionState(context.now())));
  if (!state.ok) return notRead(context, session, state.error.message);
  await tellEnds(context, session, state.value.ended, reason);
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
    const page = await patiently(session, () => session.side.read(openMessagesAfter({ limit, after: last })));
    if (!page.ok) notRead(context, session, page.error.message);
    if (!page.ok || page.value.length === 0) return last;
    for (const { id, seq, ...origin } of page.value) {
      context.log("message-failed", { session: session.id, id, reason: "session-closed" });
      const told = { id: `closed-${id}`, text: closedText(reason), inReplyTo: id, failed: true } as const;
      // If the chat is gone, a client that waits there still has to learn the end.
      if (!(await tellOrigin(context, session, origin, told)))
        await endInChannel(context, session, { id, failure: told.text }, origin);
      last = seq;
    }
  }
  return last;
};

const closedText = (reason: string): string =>
  `This message will not be answered: this conversation was closed (${reason}).`;

/** Tells the channel of a person's message its end. A message of an agent or of the host has no channel. */
const endInChannel = async (
  context: LoopContext,
  session: LeasedSession,
  ended: Pick<EndedMessage, "id" | "failure" | "ordered">,
  origin: Origin,
): Promise<void> => {
  const place = placeIn(origin);
  if (place === null) return;
  const { channelType, ...chat } = place;
  const instance = await botOf(context, session, place);
  await channelOf(context, channelType)?.ended({ ...ended, ...chat, instance, ...fenceOf(context, session) });
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

/**
 * Tells the chat that the message came from, which may differ from the session's own; an agent is told in its
 * session. False if a chat was not told.
 */
const tellOrigin = async (
  context: LoopContext,
  session: LeasedSession,
  origin: Origin,
  told: Told & { readonly inReplyTo: string },
): Promise<boolean> => {
  if (origin.sourceSessionId !== null) {
    await tellAgent(context, session, origin.sourceSessionId, told);
    return true;
  }
  const place = placeIn(origin);
  return place === null || channelOf(context, place.channelType) === undefined
    ? tellChat(context, session, told)
    : tellPlace(context, session, place, told);
};

/** Delivered as context with the next message. */
const tellAgent = async (
  context: LoopContext,
  session: LeasedSession,
  sourceSessionId: string,
  { id, text, inReplyTo }: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const facts = await sessionFacts(context.central.loop, session.id);
  const told = oneLine(`${facts?.group.name ?? session.groupId}: ${text}`);
  const timestamp = context.now();
  const row = hostText({ id, timestamp, text: told, more: { inReplyTo }, trigger: false });
  const written = await append(context, sourceSessionId, [row]);
  if (!written.ok) context.log("not-told", { session: session.id, id, reason: written.error.message });
};

/** A sentence from the host to a session's chat. */
export type Told = {
  /** Equal for equal events, so a channel that can compare ids shows it once. */
  readonly id: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  /** The message that `inReplyTo` names was not carried out. */
  readonly failed?: true;
};

/**
 * Sends a text to a session's chat, in the host's own name. A session of several chats has no chat of its
 * own.
 */
export const tellChat = async (
  context: LoopContext,
  session: LeasedSession,
  told: Told,
): Promise<boolean> => {
  const place = placeIn((await sessionFacts(context.central.loop, session.id))?.routing ?? null);
  if (place !== null) return tellPlace(context, session, place, told);
  notTold(context, session, told, "no chat");
  return false;
};

/**
 * Sends a text to a chat and thread of a session, in the host's own name. A host whose lease another host has taken sends
 * nothing. False if the chat has surely not got it.
 */
export const tellPlace = async (
  context: LoopContext,
  session: LeasedSession,
  place: Place,
  told: Told,
): Promise<boolean> => {
  const { channelType, ...chat } = place;
  const instance = await botOf(context, session, place);
  const message = { ...told, ...chat, instance, from: null, ...fenceOf(context, session) };
  const sent = await channelOf(context, channelType)?.send(message);
  if (sent?.ok === true) return true;
  if (sent?.error.code === "fenced") await session.dispatch({ type: "lost", why: sent.error.message });
  else notTold(context, session, told, sent?.error.message ?? "no channel");
  return sent?.error.code === "uncertain";
};

/** The bot for a chat of a session. */
const botOf = async (
  { central: { loop: db } }: LoopContext,
  session: LeasedSession,
  { channelType, platformId }: Place,
): Promise<string> => {
  const preferred = (await sessionFacts(db, session.id))?.instance ?? "";
  return (await instanceOf(db, { channelType, platformId, preferred })) ?? "";
};

const notTold = (
  { log }: LoopContext,
  session: LeasedSession,
  { id }: Pick<Told, "id">,
  reason: string,
): void => log("not-told", { session: session.id, id, reason });
