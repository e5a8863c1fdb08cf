import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/control-plane";
import { statement } from "@gatehouse/sqlite";
import type { LoopContext } from "../context.ts";
import { backoffMs } from "../lifecycle/judge.ts";
import { dropHeldFiles, heldMessage, type HeldMessage } from "../files/held-files.ts";
import { tellUnanswered } from "./answer-sender.ts";
import { takeMessage } from "./take.ts";
import { whyDropped } from "./why-dropped.ts";

/** Messages that are released at once. */
const limit = 100;

const selectAnswered = statement((db: Kysely<CentralTables>) =>
  db
    .selectFrom("held_messages")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "held_messages.approval_id")
    .select(["held_messages.approval_id", "message", "status", "kind"])
    .where("ended_at", "is", null)
    .where("status", "!=", "pending")
    .orderBy("held_messages.approval_id")
    .limit(limit),
);

/**
 * Passes on the messages of strangers who were let in, and tells those who were not. A message is marked after
 * it was passed on: killed in between, it is passed on again under its id, which its session knows.
 */
export const releaseHeld = async (context: LoopContext): Promise<void> => {
  const { db } = context.central;
  const { rows: answered } = await selectAnswered(db, {});
  for (const { approval_id, message: json, status, kind } of answered) {
    const held = JSON.parse(json) as HeldMessage;
    if ((context.heldBack.get(approval_id)?.notBefore ?? 0) > Date.now()) continue;
    const message = await heldMessage(context, held);
    context.log("held-message-ended", { id: message.id, status });
    const end = (within: Kysely<CentralTables>): Promise<boolean> =>
      endHeld(within, approval_id, context.now());
    // Its sender may have lost the right again: then the files are those of another question.
    const passOn = () => takeMessage(context, message, end);
    const isHeldAgain = status === "approved" && (await orHoldBack(context, approval_id, passOn));
    if (isHeldAgain === "held-back") continue;
    if (status !== "approved")
      await tellUnanswered(context, message, `Your message was not passed on: ${whyNot(kind, status)}`);
    await end(db);
    if (held.held !== undefined && !isHeldAgain) await dropHeldFiles(context, held.id, held.held);
  }
};

/** Where it fails (its session's folder cannot be written), it is tried again later. No other waits for it. */
const orHoldBack = async <T>(
  { heldBack, report, times }: LoopContext,
  approvalId: string,
  passOn: () => Promise<T>,
): Promise<T | "held-back"> => {
  try {
    const passed = await passOn();
    heldBack.delete(approvalId);
    return passed;
  } catch (error) {
    report(error);
    const failures = (heldBack.get(approvalId)?.failures ?? 0) + 1;
    heldBack.set(approvalId, { failures, notBefore: Date.now() + backoffMs(times.wakeRetryMs, failures) });
    return "held-back";
  }
};

/** False if it has ended before: another host passed it on. */
const endHeld = async (db: Kysely<CentralTables>, approvalId: string, at: string): Promise<boolean> => {
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
