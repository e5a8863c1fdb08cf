import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { isTrouble } from "@gatehouse/sqlite";
import { whyDropped } from "@gatehouse/routing";
import type { LoopContext } from "../context.ts";
import { backoffMs } from "../lifecycle/judge.ts";
import { dropPendingFiles, readPendingMessage, type PendingMessage } from "../files/pending-files.ts";
import { tellUnanswered } from "./answer-sender.ts";
import { receiveMessage } from "./receive.ts";

/** Most messages that are released in one call. */
const limit = 100;

/** Most tries to pass on a message on which the host fails, before its sender is told. */
const mostTries = 5;

const answeredMessages = (db: Kysely<CentralTables>) =>
  db
    .selectFrom("held_messages")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "held_messages.approval_id")
    .select(["held_messages.approval_id", "message", "status", "kind"])
    .where("ended_at", "is", null)
    .where("status", "!=", "pending")
    .orderBy("held_messages.approval_id")
    .limit(limit)
    .execute();

/**
 * Passes on the messages of approved strangers, and tells the rejected strangers. A message is marked after it was passed
 * on; if the host is killed in between, it is passed on again under its id, and its session ignores the
 * second.
 */
export const releasePending = async (context: LoopContext): Promise<void> => {
  const { db } = context.central;
  const answered = await answeredMessages(db);
  for (const one of answered) {
    const retry = context.releaseRetries.get(one.approval_id);
    if ((retry?.notBefore ?? 0) > performance.now()) continue;
    const failures = retry?.failures ?? 0;
    try {
      // After one more failure, the sender cannot be told either.
      if (failures > mostTries) await endPending(db, one.approval_id, context.now());
      else await releaseOne(context, one, failures === mostTries);
      context.releaseRetries.delete(one.approval_id);
    } catch (error) {
      retryLater(context, one.approval_id, error);
    }
  }
};

type Answered = Awaited<ReturnType<typeof answeredMessages>>[number];

/** `isGivenUp`: the host has failed on it too often, so its sender is told so. */
const releaseOne = async (
  context: LoopContext,
  { approval_id, message: json, status, kind }: Answered,
  isGivenUp: boolean,
): Promise<void> => {
  const { db } = context.central;
  const stored = JSON.parse(json) as PendingMessage;
  const end = (within: Kysely<CentralTables>): Promise<boolean> =>
    endPending(within, approval_id, context.now());
  const isPassedOn = status === "approved" && !isGivenUp;
  const message = isPassedOn ? await readPendingMessage(context, stored) : stored;
  context.log("held-message-ended", { id: message.id, status: isGivenUp ? "failed" : status });
  // If the sender has lost the right again, the message and its files await another approval.
  const isPendingAgain = isPassedOn && (await receiveMessage(context, message, end));
  const why = isGivenUp ? hostFailed : whyNot(kind, status);
  if (!isPassedOn) await tellUnanswered(context, message, `Your message was not passed on: ${why}`);
  await end(db);
  if (stored.held !== undefined && !isPendingAgain) await dropPendingFiles(context, stored.id, stored.held);
};

const hostFailed = "the host failed on it; its log has the details.";

/** Other messages do not wait for it. While the database is away or the disk is full, every message fails: no try counts. */
const retryLater = (
  { releaseRetries, report, times }: LoopContext,
  approvalId: string,
  error: unknown,
): void => {
  report(error);
  const before = releaseRetries.get(approvalId)?.failures ?? 0;
  const failures = isTrouble(error) ? before : before + 1;
  const notBefore = performance.now() + backoffMs(times.wakeRetryMs, failures + 1);
  releaseRetries.set(approvalId, { failures, notBefore });
};

/** False if another host has passed the message on. */
const endPending = async (db: Kysely<CentralTables>, approvalId: string, at: string): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("held_messages")
    .set({ ended_at: at, message: "{}" })
    .where("approval_id", "=", approvalId)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

type Why = Readonly<Record<string, string>> & { readonly failed: string };

const whyNot = (kind: string, status: string): string => {
  const why = kind === "chat" ? ofChat : ofSender;
  return why[status] ?? why.failed;
};

const ofSender: Why = {
  rejected: whyDropped("person-refused"),
  expired: "the question whether you may write here got no answer in time.",
  failed: "you could not be added.",
};

const ofChat: Why = {
  rejected: whyDropped("chat-refused"),
  expired: "the question whether an agent may answer in this chat got no answer in time.",
  failed: "no agent could be given this chat.",
};
