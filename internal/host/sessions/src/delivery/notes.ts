import { toolAnswered } from "@gatehouse/approvals";
import { type WaitingNote, waitingNotes } from "@gatehouse/session-rows";
import { parseJson } from "@gatehouse/std";
import type { InboundMessage, Json } from "@gatehouse/session-rows/messages";
import type { Exit } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hostText } from "../leased/host-row.ts";
import { hasRun } from "../lifecycle/step.ts";
import { fieldOf, textOf } from "./text-of.ts";
import { withdrawMessage, type WithdrawOrder } from "./withdraw.ts";

/**
 * Delivers the notes that the central database keeps for sessions: outcomes of approvals, and messages that
 * another host left. A note and its message have the same id, so a second delivery after a crash adds
 * nothing.
 */
export const deliverNotes = async (context: LoopContext): Promise<void> => {
  for (const note of await waitingNotes(context.central.loop, context.owner)) {
    const session = await context.leased.tryLease(note.session_id);
    if (session === null || !(await deliverNote(context, session, note))) continue;
    void session.reconcile();
  }
};

/** Delivers the notes of a session that was just leased. */
export const deliverNotesTo = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const notes = await waitingNotes(context.central.loop, context.owner, session.id);
  for (const note of notes) if (!(await deliverNote(context, session, note))) return;
};

const deliverNote = async (
  context: LoopContext,
  session: LeasedSession,
  { id, content, created_at }: WaitingNote,
): Promise<boolean> => {
  const { loop: db } = context.central;
  const note = parseJson(content) as Json;
  if (fieldOf(note, "type") === exitType) return receiveExit(context, session, id, note);
  if (fieldOf(note, "type") === toolAnswered) {
    // The pass over the session that follows answers the agent's question by the row of the approval.
    await db.deleteFrom("system_messages").where("id", "=", id).execute();
    return true;
  }
  if (fieldOf(note, "type") === orderType) {
    if (!(await withdrawMessage(context, session, fieldOf(note, "order") as unknown as WithdrawOrder)))
      return false;
    await db.deleteFrom("system_messages").where("id", "=", id).execute();
    return true;
  }
  const left = leftMessageIn(note);
  // The next check of the notes tries again. Notes of other sessions do not wait for it.
  const sent = await session.side.send([left ?? noteRow(id, note, created_at)]);
  if (!sent.ok) return false;
  if (left === null)
    await db
      .updateTable("system_messages")
      .set({ delivered_at: context.now() })
      .where("id", "=", id)
      .execute();
  else await db.deleteFrom("system_messages").where("id", "=", id).execute();
  context.log("note-delivered", { session: session.id, id });
  return true;
};

/**
 * Writes the messages that other hosts left for a session into its rows, also for a session that was closed a
 * moment ago: the host that closes it tells the senders of open messages.
 */
export const receiveLeft = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const notes = await context.central.loop
    .selectFrom("system_messages")
    .select(["id", "session_id", "content", "created_at"])
    .where("session_id", "=", session.id)
    .where("delivered_at", "is", null)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const left = notes.filter(({ content }) => leftMessageIn(parseJson(content) as Json) !== null);
  for (const note of left) if (!(await deliverNote(context, session, note))) return;
};

/**
 * Leaves a message for the host that leases the session. It is durable, and the next host with the lease
 * writes the messages in the order in which they were left. False if the session is closed or gone; updating
 * its row keeps it open until the message is written.
 */
export const leaveFor = async (
  context: LoopContext,
  sessionId: string,
  message: InboundMessage,
): Promise<boolean> => {
  const id = `left-${sessionId}-${message.id}`;
  const isLeft = await writeNote(context, sessionId, id, { type: leftType, message });
  if (isLeft) context.log("message-left", { id: message.id, session: sessionId });
  return isLeft;
};

/** Leaves a person's order to withdraw a message for the host that leases the session, as `leaveFor` does. */
export const leaveOrder = (context: LoopContext, sessionId: string, order: WithdrawOrder): Promise<boolean> =>
  writeNote(context, sessionId, `order-${sessionId}-${order.id}`, { type: orderType, order });

/** False if the session is closed or gone. */
const writeNote = (
  { central, now }: LoopContext,
  sessionId: string,
  id: string,
  note: object,
): Promise<boolean> =>
  central.loop.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable("sessions")
      .set({ status: "active" })
      .where("id", "=", sessionId)
      .where("status", "=", "active")
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const content = JSON.stringify(note);
    await transaction
      .insertInto("system_messages")
      .values({ id, session_id: sessionId, content, created_at: now(), delivered_at: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return true;
  });

const leftType = "left-message";
const orderType = "left-order";
const exitType = "workload-exited";

/** Reports to the host that leases a session, or will lease it, that its workload has exited. */
export const noteExit = async (
  context: LoopContext,
  sessionId: string,
  { incarnation, exit: { code, signal } }: { readonly incarnation: number; readonly exit: Exit },
): Promise<void> => {
  const note = { type: exitType, incarnation, code, signal };
  await writeNote(context, sessionId, `exited-${sessionId}-${incarnation}`, note);
};

/** The exit of an earlier workload is ignored. */
const receiveExit = async (
  { central: { loop: db }, report }: LoopContext,
  { state, tell }: LeasedSession,
  id: string,
  note: Json,
): Promise<boolean> => {
  const { workload } = state();
  const [code, signal] = [fieldOf(note, "code"), fieldOf(note, "signal")];
  const exit = {
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal : null,
    lastLines: [],
  };
  if (hasRun(workload) && workload.run.incarnation === fieldOf(note, "incarnation"))
    // Not awaited: it ends with a pass over the session, which delivers notes itself.
    tell({ type: "exited", exit }).catch(report);
  await db.deleteFrom("system_messages").where("id", "=", id).execute();
  return true;
};

const leftMessageIn = (note: Json): InboundMessage | null =>
  fieldOf(note, "type") === leftType ? (fieldOf(note, "message") as unknown as InboundMessage) : null;

/** The note about an expired approval starts no container: the agent gets it with its next message. */
const noteRow = (id: string, note: Json, timestamp: string): InboundMessage =>
  hostText({
    id,
    timestamp,
    text: textOf(note),
    more: answerIn(note),
    trigger: fieldOf(note, "status") !== "expired",
  });

/** The id of the frame is that of the approval, which no agent learns: it ends with the code of the card. */
const answerIn = (note: Json): { readonly frame?: Json } => {
  const frame = fieldOf(note, "frame");
  return typeof frame === "object" && frame !== null && !Array.isArray(frame)
    ? { frame: { ...frame, id: "" } }
    : {};
};
