import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { whyDropped } from "@gatehouse/routing";
import type { LoopContext } from "../context.ts";
import { dropPendingFiles, readPendingMessage, type PendingMessage } from "../files/pending-files.ts";
import { tellUnanswered } from "./answer-sender.ts";
import { receiveMessage, type ClaimMessage } from "./receive.ts";

/** Most approvals of which the messages are released in one call. */
const limit = 100;

/** Most tries to pass on a message on which the host fails, before its sender is told. */
const mostTries = 5;

/** A message whose question was answered, and its chat's id now: the chat may have moved meanwhile. */
type Answered = Pick<
  CentralTables["held_messages"] & CentralTables["pending_approvals"],
  "approval_id" | "message_id" | "message" | "status" | "kind"
> & { readonly platform_id: string | null };

const answeredMessages = (db: Kysely<CentralTables>): Promise<readonly Answered[]> =>
  db
    .selectFrom("held_messages")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "held_messages.approval_id")
    .innerJoin("messaging_groups", "messaging_groups.id", "held_messages.messaging_group_id")
    .select(["held_messages.approval_id", "held_messages.message_id", "message", "status", "kind"])
    .select("platform_id")
    .where("ended_at", "is", null)
    .where("status", "!=", "pending")
    .orderBy("held_messages.approval_id")
    .limit(limit)
    .execute();

/** Answered questions whose own message has ended, or was deleted with its chat, and that have later messages. */
const questionsWithLater = (db: Kysely<CentralTables>) =>
  db
    .selectFrom("later_messages")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "later_messages.approval_id")
    .leftJoin("held_messages", "held_messages.approval_id", "later_messages.approval_id")
    .leftJoin("messaging_groups", "messaging_groups.id", "held_messages.messaging_group_id")
    .select(["later_messages.approval_id", "status", "kind", "platform_id"])
    .distinct()
    .where("status", "!=", "pending")
    .where((eb) => eb.or([eb("held_messages.approval_id", "is", null), eb("ended_at", "is not", null)]))
    .orderBy("later_messages.approval_id")
    .limit(limit)
    .execute();

/**
 * Passes on the messages of approved strangers, and tells the rejected strangers. A message is marked after it was passed
 * on; if the host is killed in between, it is passed on again under its id, and its session ignores the
 * second.
 */
export const releasePending = async (context: LoopContext): Promise<void> => {
  const { db } = context.central;
  for (const one of await answeredMessages(db)) await release(context, one, endHeld(context, one));
  for (const question of await questionsWithLater(db)) await releaseLater(context, question);
};

/** In their order: after a failure, the rest waits with the message on which the host failed. */
const releaseLater = async (
  context: LoopContext,
  question: Omit<Answered, "message_id" | "message">,
): Promise<void> => {
  const { approval_id } = question;
  const later = await context.central.db
    .selectFrom("later_messages")
    .select(["message_id", "message"])
    .where("approval_id", "=", approval_id)
    .orderBy("position")
    .execute();
  for (const { message_id, message } of later) {
    const one = { ...question, message_id, message };
    if (!(await release(context, one, deleteLater(one)))) return;
  }
};

/** Passes one message on, or tells its sender. `end` marks it as ended. False if that has to be tried again. */
const release = async (context: LoopContext, one: Answered, end: ClaimMessage): Promise<boolean> => {
  const { releaseRetries: retries, central } = context;
  const key = `${one.approval_id} ${one.message_id}`;
  // Other messages do not wait for it.
  if (!retries.isDue(key)) return false;
  const failures = retries.failures(key);
  try {
    // After one more failure, the sender cannot be told either.
    if (failures > mostTries) await end(central.db);
    else await releaseOne(context, one, { end, isGivenUp: failures === mostTries });
    retries.succeeded(key);
    return true;
  } catch (error) {
    context.report(error);
    retries.failed(key, error);
    return false;
  }
};

/** `isGivenUp`: the host has failed on it too often, so its sender is told so. */
const releaseOne = async (
  context: LoopContext,
  { message: json, status, kind, platform_id }: Answered,
  { end, isGivenUp }: { readonly end: ClaimMessage; readonly isGivenUp: boolean },
): Promise<void> => {
  const parsed = JSON.parse(json) as PendingMessage;
  const stored = { ...parsed, platformId: platform_id ?? parsed.platformId };
  const isPassedOn = status === "approved" && !isGivenUp;
  const message = isPassedOn ? await readPendingMessage(context, stored) : stored;
  context.log("held-message-ended", { id: message.id, status: isGivenUp ? "failed" : status });
  // If the sender may not write, or not any more, the message and its files await another approval.
  const awaits = isPassedOn ? await receiveMessage(context, message, end) : null;
  const why = isGivenUp ? hostFailed : whyNot(kind, status);
  if (!isPassedOn) await tellUnanswered(context, message, `Your message was not passed on: ${why}`);
  await end(context.central.db);
  // The files of another kind of question have another place.
  if (stored.held !== undefined && awaits !== kind) await dropPendingFiles(context, stored.id, stored.held);
};

const hostFailed = "the host failed on it; its log has the details.";

/** Its result is false if another host has passed the message on. */
const endHeld =
  ({ now }: LoopContext, { approval_id }: Answered): ClaimMessage =>
  async (db) => {
    const { numUpdatedRows } = await db
      .updateTable("held_messages")
      .set({ ended_at: now(), message: "{}" })
      .where("approval_id", "=", approval_id)
      .where("ended_at", "is", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  };

/** Its result is false if another host has passed the message on. */
const deleteLater =
  ({ approval_id, message_id }: Answered): ClaimMessage =>
  async (db) => {
    const { numDeletedRows } = await db
      .deleteFrom("later_messages")
      .where("approval_id", "=", approval_id)
      .where("message_id", "=", message_id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
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
