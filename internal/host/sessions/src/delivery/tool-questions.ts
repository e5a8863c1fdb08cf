import type { Kysely } from "kysely";
import {
  approversOf,
  denied,
  holdTool,
  requestKey,
  toolRequestIn,
  withdrawTools,
} from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import { answerQuestion, openQuestions, originOf } from "@gatehouse/session-rows";
import { oneLine, fieldsOf } from "@gatehouse/std";
import type { Json, Question } from "@gatehouse/session-rows/messages";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { placeIn, sessionFacts } from "../leased/session-facts.ts";
import { tellPlace } from "./tell.ts";

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
    const done = await session.side.transact(async (rows) => {
      const outcome: Outcome = newest.has(question.id)
        ? await outcomeOf(context, session, question, rows.db)
        : { answer: { ...denied("over") } };
      if (outcome.answer !== null) await answerQuestion(question.id, outcome.answer, context.now())(rows);
      return outcome;
    });
    if (!done.ok) return session.dispatch({ type: "refused", at: Date.now(), error: done.error });
    const { asked } = done.value;
    if (asked !== undefined) context.log("tool-asked", { session: session.id, approval: asked.approvalId });
    if (asked !== undefined || isWithdrawal(question)) context.asked?.();
    if (asked !== undefined) await tellSender(context, session, asked);
  }
};

const isWithdrawal = ({ content }: Question): boolean => typeof fieldsOf(content)["withdraws"] === "string";

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

type Outcome = {
  /** Null while a person has to answer. */
  readonly answer: Json | null;
  /** A person is asked now. */
  readonly asked?: Asked;
};

const outcomeOf = async (
  { now, newId, dataDir }: LoopContext,
  { id: sessionId, groupId }: LeasedSession,
  { id: questionId, content }: Question,
  db: Kysely<CentralTables>,
): Promise<Outcome> => {
  const withdrawn = fieldsOf(content)["withdraws"];
  if (typeof withdrawn === "string") {
    await withdrawTools(db, sessionId, { questionId: withdrawn }, now());
    return { answer: { behavior: "withdrawn" } };
  }
  const request = toolRequestIn(content);
  if (request === null) return { answer: { ...denied("unknown") } };
  // The agent chooses the message's id and could name one of a turn that is over. A killed runner's question
  // stays open.
  const { messageId, tool } = request;
  if (!(await isInWork(db, sessionId, { id: messageId, incarnation: fieldsOf(content)["incarnation"] })))
    return { answer: { ...denied("over") } };
  const held = await holdTool(db, { sessionId, groupId, questionId, request }, { now, id: newId, dataDir });
  if (held.is === "decided") return { answer: { ...held.decision } };
  const { approvalId } = held;
  return { answer: null, ...(held.isNew ? { asked: { messageId, tool, approvalId } } : {}) };
};

/** Whether the runner of this incarnation has the message in work. */
const isInWork = async (
  db: Kysely<CentralTables>,
  sessionId: string,
  { id, incarnation }: { readonly id: string; readonly incarnation: unknown },
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
