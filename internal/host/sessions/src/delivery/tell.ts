import type { EndedMessage, ToChat } from "@gatehouse/channels";
import { pause } from "@gatehouse/fs-kit";
import { withdrawnReason } from "@gatehouse/session-rows";
import { oneLine } from "@gatehouse/std";
import {
  type Acknowledgement,
  isInterrupted,
  type Origin,
  type SessionState,
  type TransportResult,
  type Waiting,
} from "@gatehouse/session-rows/messages";
import { channelOf, fenceOf, type LoopContext } from "../context.ts";
import { hostText } from "@gatehouse/session-rows/messages";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { instanceOf, sessionFacts } from "../leased/session-facts.ts";
import { maxTries } from "../lifecycle/judge.ts";
import { append } from "../leased/append.ts";
import { withdrawAllTools } from "./tool-questions.ts";

// Tells the sender of a message how it ended: in a chat, or in the session of the agent that sent it.

/** Most undelivered messages that are checked. */
const mostLeft = 50;

type Ended = SessionState["ended"];

/**
 * Tells senders of the messages that ended. A session's state returns each end once: call this before
 * the next read of the state, which marks these ends as told.
 */
export const accountForEnds = async (
  context: LoopContext,
  session: LeasedSession,
  { ended, claims, due, nextDueAt }: SessionState,
): Promise<void> => {
  // No message is open, so every answered message that is not in this list had ended before its answer.
  if (due === 0 && nextDueAt === null && claims.length === 0) forgetAllBut(session, ended);
  if (ended.length > 0) {
    await session.tell({ type: "ended", at: Date.now() });
    noteEnded(
      context,
      session,
      ended.filter(({ tries }) => tries < maxTries),
    );
    // The last host gave these messages up and was killed before it told their senders. A runner may have
    // told them of its last try.
    await tellFailed(
      context,
      session,
      ended.filter(({ id, tries }) => tries >= maxTries && !session.outbox.answered.has(id)),
    );
  }
  await tellEnds(context, session);
};

/** Notes the messages that the agent has ended; `tellEnds` tells the channels. */
const noteEnded = ({ log }: LoopContext, session: LeasedSession, ended: Ended): void => {
  // The reason is the agent's own text, which is never logged.
  for (const { id, status, reason } of ended)
    if (status === "failed" && !isWithdrawn(reason))
      log("message-failed", { session: session.id, id, reason: "agent-failed" });
  session.outbox.ends.push(...ended);
};

/**
 * Tells channels of ended messages that got no answer, because a client may be waiting. A message is kept for
 * the next pass if its answer may be among messages that could not be read or sent.
 */
const tellEnds = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const toBeAnswered = new Set<string | null>();
  if (session.outbox.ends.some(({ id }) => !session.outbox.answered.has(id))) {
    // An answer and its acknowledgement are one commit, so an answer that came after the last delivery can be
    // delivered now.
    await session.deliver();
    const left = await session.side.receive({ limit: mostLeft, now: context.now() });
    if (!left.ok || left.value.length === mostLeft) {
      return session.schedule.at(Date.now() + context.times.resendMs);
    }
    for (const { inReplyTo } of left.value) toBeAnswered.add(inReplyTo);
  }
  for (const { id, status, reason } of session.outbox.ends.splice(0)) {
    // It is removed from the set here, because each message ends once.
    if (session.outbox.answered.delete(id) || toBeAnswered.has(id)) continue;
    const failure = status === "failed" ? failureOf(reason) : null;
    const ordered = isOrdered(reason) ? ({ ordered: true } as const) : {};
    await endInChannel(context, session, { id, failure, ...ordered });
  }
};

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

/** Forgets answers to ended messages, except for messages whose end is still to be told. */
const forgetAllBut = ({ outbox: { answered, ends } }: LeasedSession, ended: Ended): void => {
  const kept = new Set([...ended, ...ends].map(({ id }) => id));
  for (const id of answered) if (!kept.has(id)) answered.delete(id);
};

/** Messages of a closed session that are read at once. */
const limit = 50;

/** Later than the `processAfter` of any message. */
const farFuture = "9999-12-31T23:59:59.999Z";

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
  await withdrawAllTools(context, session);
  const state = await patiently(session, () => session.side.state(context.now()));
  if (!state.ok) return notRead(context, session, state.error.message);
  await accountForEnds(context, session, state.value);
  const left = await undeliveredAnswers(context, session);
  const unsent = new Set([...session.outbox.ends.splice(0).map(({ id }) => id), ...left]);
  for (const id of unsent)
    if (!session.outbox.answered.has(id))
      await endInChannel(context, session, { id, failure: closedText(reason) });
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
  known?: Origin,
): Promise<void> => {
  const found =
    known === undefined ? await session.side.origin(ended.id) : ({ ok: true, value: known } as const);
  if (!found.ok) return notTold(context, session, ended, found.error.message);
  const {
    channelType = null,
    platformId = null,
    threadId = null,
    sourceSessionId = null,
  } = found.value ?? {};
  if (channelType === null || platformId === null || sourceSessionId !== null) return;
  const instance = await botOf(context, session, { channelType, platformId });
  await channelOf(context, channelType)?.ended({
    ...ended,
    platformId,
    instance,
    threadId,
    ...fenceOf(context, session),
  });
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

/** Tells the senders of messages that will not be answered. */
export const tellFailed = async (
  context: LoopContext,
  session: LeasedSession,
  failed: readonly Acknowledgement[],
): Promise<void> => {
  for (const { id, status, reason } of failed) {
    if (status !== "failed") continue;
    context.log("message-failed", { session: session.id, id, reason: "not-answered" });
    const origin = await session.side.origin(id);
    await tellOrigin(context, session, origin.ok ? origin.value : null, {
      id: `failed-${id}`,
      text: `This message could not be answered: ${oneLine(reason ?? "the agent ended each time it worked on it", longestReason)}`,
      inReplyTo: id,
      failed: true,
    });
  }
};

/**
 * Tells the chat that the message came from, which may differ from the session's own; an agent is told in its
 * session. False if a chat was not told.
 */
export const tellOrigin = async (
  context: LoopContext,
  session: LeasedSession,
  origin: Origin | null,
  told: Told & { readonly inReplyTo: string },
): Promise<boolean> => {
  const { sourceSessionId = null, channelType = null, platformId = null, threadId = null } = origin ?? {};
  if (sourceSessionId !== null) {
    await tellAgent(context, session, sourceSessionId, told);
    return true;
  }
  if (channelType === null || platformId === null || channelOf(context, channelType) === undefined)
    return tellChat(context, session, told);
  return tellSender(context, session, { id: told.inReplyTo, channelType, platformId, threadId }, told);
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
  const facts = await sessionFacts(context.central.loop, session.id);
  const { channelType = null, platformId = null, threadId = null } = facts?.routing ?? {};
  if (facts === null || platformId === null) {
    notTold(context, session, told, "no chat");
    return false;
  }
  const { instance } = facts;
  return tell(context, session, channelType, { ...told, platformId, instance, threadId, from: null });
};

/** Tells the sender of a message, in its chat and thread, that it was not carried out. */
export const tellSender = (
  context: LoopContext,
  session: LeasedSession,
  { id: inReplyTo, ...place }: Waiting,
  told: Pick<Told, "id" | "text">,
): Promise<boolean> => tellPlace(context, session, place, { ...told, inReplyTo, failed: true });

/** Sends a text to a chat and thread of a session, in the host's own name. */
export const tellPlace = async (
  context: LoopContext,
  session: LeasedSession,
  { channelType, platformId, threadId }: Omit<Waiting, "id">,
  told: Told,
): Promise<boolean> => {
  const instance = await botOf(context, session, { channelType, platformId });
  return tell(context, session, channelType, { ...told, platformId, instance, threadId, from: null });
};

/** The bot for a chat of a session. */
const botOf = async (
  { central: { loop: db } }: LoopContext,
  session: LeasedSession,
  chat: { readonly channelType: string; readonly platformId: string },
): Promise<string> => {
  const preferred = (await sessionFacts(db, session.id))?.instance ?? "";
  return (await instanceOf(db, { ...chat, preferred })) ?? "";
};

/** A host whose lease another host has taken sends nothing. False if the chat has surely not got it. */
const tell = async (
  context: LoopContext,
  session: LeasedSession,
  channelType: string | null,
  message: ToChat,
): Promise<boolean> => {
  const sent = await channelOf(context, channelType)?.send({ ...message, ...fenceOf(context, session) });
  if (sent?.ok === true) return true;
  if (sent?.error.code === "fenced") await session.tell({ type: "lost", why: sent.error.message });
  else notTold(context, session, message, sent?.error.message ?? "no channel");
  return sent?.error.code === "uncertain";
};

const notTold = (
  { log }: LoopContext,
  session: LeasedSession,
  { id }: Pick<Told, "id">,
  reason: string,
): void => log("not-told", { session: session.id, id, reason });
