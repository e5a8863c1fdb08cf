import type { Kysely } from "kysely";
import {
  approversOf,
  denied,
  holdTool,
  requestKey,
  toolRequestIn,
  withdrawTools,
  type HeldTool,
} from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import { answerQuestion, openQuestions, originOf } from "@gatehouse/session-rows";
import { oneLine } from "@gatehouse/std";
import type { Json, Question, ToolDecision } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { placeIn, sessionFacts } from "../leased/session-facts.ts";
import { tellPlace } from "./tell.ts";
import { fieldOf } from "./text-of.ts";

/**
 * Answers the agent's questions whether it may use a tool, or asks a person. Every step is idempotent: after a
 * crash the next pass finds the question open and its approval by the question's id. Questions of earlier
 * runners are denied, because no runner waits for the answers.
 */
export const answerToolQuestions = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const open = await session.side.read(openQuestions);
  if (!open.ok) return session.dispatch({ type: "refused", at: Date.now(), error: open.error });
  const newest = newestOfEach(open.value);
  // Withdrawals come first, so that the questions that they end are answered in the same pass.
  for (const question of open.value.toSorted((a, b) => Number(isWithdrawal(b)) - Number(isWithdrawal(a)))) {
    const answer = newest.has(question.id)
      ? await answerOf(context, session, question)
      : { ...denied("over") };
    if (answer === null) continue;
    const answered = await session.side.transact(answerQuestion(question.id, answer, context.now()));
    if (!answered.ok) return session.dispatch({ type: "refused", at: Date.now(), error: answered.error });
  }
};

const isWithdrawal = ({ content }: Question): boolean => typeof fieldOf(content, "withdraws") === "string";

/**
 * The ids of the questions whose answers a runner may still wait for. Of the same request only the newest question
 * counts: the runner of the older questions was killed, or tried its turn again.
 */
const newestOfEach = (open: readonly Question[]): ReadonlySet<string> => {
  const byRequest = new Map<string, string>();
  for (const { id, content } of open) {
    const request = toolRequestIn(content);
    byRequest.set(request === null ? id : requestKey(request), id);
  }
  return new Set(byRequest.values());
};

/** Null while a person has to answer, or if this host cannot write. */
const answerOf = async (
  context: LoopContext,
  session: LeasedSession,
  question: Question,
): Promise<Json | null> => {
  const withdrawn = fieldOf(question.content, "withdraws");
  if (typeof withdrawn === "string") {
    const { sessionId, now } = { sessionId: session.id, now: context.now() };
    const isDone = await inSession(session, (db) =>
      withdrawTools(db, sessionId, { questionId: withdrawn }, now),
    );
    context.asked?.();
    return isDone === null ? null : { behavior: "withdrawn" };
  }
  const request = toolRequestIn(question.content);
  if (request === null) return denied("unknown");
  const asked = { sessionId: session.id, groupId: session.groupId, questionId: question.id, request };
  const clock = { now: context.now, id: context.newId, dataDir: context.dataDir };
  const held = await inSession(session, async (db): Promise<HeldTool> => {
    // The agent chooses the message's id and could name one of a turn that is over. A killed runner's question
    // stays open.
    const incarnation = fieldOf(question.content, "incarnation");
    if (!(await isInWork(db, session.id, { id: request.messageId, incarnation })))
      return { is: "decided", decision: denied("over") satisfies ToolDecision };
    return holdTool(db, asked, clock);
  });
  if (held === null) return null;
  if (held.value.is === "decided") return { ...held.value.decision };
  if (held.value.isNew) {
    const { approvalId } = held.value;
    context.log("tool-asked", { session: session.id, approval: approvalId });
    context.asked?.();
    await tellSender(context, session, { messageId: request.messageId, tool: request.tool, approvalId });
  }
  return null;
};

/** Runs work in a transaction that has checked the session's lease; null if this host has lost it. */
const inSession = async <T>(
  session: LeasedSession,
  work: (db: Kysely<CentralTables>) => Promise<T>,
): Promise<{ readonly value: T } | null> => {
  const written = await session.side.transact(({ db }) => work(db));
  if (written.ok) return written;
  if (written.error.code === "fenced" || written.error.code === "closed") return null;
  throw new Error(written.error.message);
};

/** Whether the runner of this incarnation has the message in work. */
const isInWork = async (
  db: Kysely<CentralTables>,
  sessionId: string,
  { id, incarnation }: { readonly id: string; readonly incarnation: Json | undefined },
): Promise<boolean> => {
  const message = await db
    .selectFrom("session_messages_in")
    .select("claimed_by")
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .where("claimed_at", "is not", null)
    .executeTakeFirst();
  return message !== undefined && message.claimed_by === incarnation;
};

/** Ends the cards about tools of a session: all if it is being closed, or those of messages that have ended. */
export const withdrawToolsOf = async (
  context: Pick<LoopContext, "central" | "now" | "asked">,
  { id }: LeasedSession,
  which: Parameters<typeof withdrawTools>[2],
): Promise<void> => {
  await withdrawTools(context.central.loop, id, which, context.now());
  context.asked?.();
};

type Asked = { readonly messageId: string; readonly tool: string; readonly approvalId: string };

/**
 * Tells the chat of the message what its agent waits for, once. A chat in which a person has the card itself
 * is not told.
 */
const tellSender = async (
  context: LoopContext,
  session: LeasedSession,
  { messageId, tool, approvalId }: Asked,
): Promise<void> => {
  const origin = await session.side.read(originOf(messageId));
  if (!origin.ok) return;
  const place = placeIn(origin.value);
  if (place === null) return;
  const { loop: db } = context.central;
  const facts = await sessionFacts(db, session.id);
  const approval = await db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("approval_id", "=", approvalId)
    .executeTakeFirst();
  if (facts === null || approval === undefined) return;
  // The commands matter only for an approval of a command.
  const approvers = await approversOf(db, approval, []);
  const { channelType, platformId } = place;
  if (approvers.some((one) => one.channelType === channelType && one.platformId === platformId)) return;
  const text = `${facts.group.name} waits for an answer about ${oneLine(tool, 100)} (${approvalId}).`;
  await tellPlace(context, session, place, { id: `waits-${approvalId}`, text, inReplyTo: null });
};
