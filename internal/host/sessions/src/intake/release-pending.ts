import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { whyDropped } from "@gatehouse/routing";
import type { LoopContext } from "../context.ts";
import { backoffMs } from "../lifecycle/judge.ts";
import { dropPendingFiles, readPendingMessage, type PendingMessage } from "../files/pending-files.ts";
import { tellUnanswered } from "./answer-sender.ts";
import { receiveMessage } from "./receive.ts";

/** Most messages that are released in one call. */
const limit = 100;

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
  for (const { approval_id, message: json, status, kind } of answered) {
    const stored = JSON.parse(json) as PendingMessage;
    if ((context.releaseRetries.get(approval_id)?.notBefore ?? 0) > performance.now()) continue;
    const message = await readPendingMessage(context, stored);
    context.log("held-message-ended", { id: message.id, status });
    const end = (within: Kysely<CentralTables>): Promise<boolean> =>
      endPending(within, approval_id, context.now());
    // If the sender has lost the right again, the message and its files await another approval.
    const passOn = () => receiveMessage(context, message, end);
    const isPendingAgain = status === "approved" && (await orRetryLater(context, approval_id, passOn));
    if (isPendingAgain === "retry-later") continue;
    if (status !== "approved")
      await tellUnanswered(context, message, `Your message was not passed on: ${whyNot(kind, status)}`);
    await end(db);
    if (stored.held !== undefined && !isPendingAgain) await dropPendingFiles(context, stored.id, stored.held);
  }
};

/**
 * If it fails (for example because the database cannot be written), it is tried again later. Other messages
 * do not wait for it.
 */
const orRetryLater = async <T>(
  { releaseRetries, report, times }: LoopContext,
  approvalId: string,
  passOn: () => Promise<T>,
): Promise<T | "retry-later"> => {
  try {
    const passed = await passOn();
    releaseRetries.delete(approvalId);
    return passed;
  } catch (error) {
    report(error);
    const failures = (releaseRetries.get(approvalId)?.failures ?? 0) + 1;
    releaseRetries.set(approvalId, {
      failures,
      notBefore: performance.now() + backoffMs(times.wakeRetryMs, failures),
    });
    return "retry-later";
  }
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
