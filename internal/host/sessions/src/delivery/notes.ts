import { toolAnswered } from "@gatehouse/approvals";
import { type WaitingNote, waitingNotes } from "@gatehouse/session-rows";
import { parseJson } from "@gatehouse/std";
import type { InboundMessage, Json } from "@gatehouse/session-rows/messages";
import type { Exit } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { append } from "../leased/append.ts";
import { hostText } from "../leased/host-row.ts";
import { hasRun } from "../lifecycle/step.ts";
import { fieldOf, textOf } from "./text-of.ts";

/**
 * Delivers the notes that the central database keeps for sessions: outcomes of approvals, and exits of workloads that
 * another host ran. A note and its message have the same id.
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
  // The next check of the notes tries again. Notes of other sessions do not wait for it.
  const { ok: isWritten } = await append(
    context,
    session.id,
    [noteRow(id, note, created_at)],
    (transaction) =>
      transaction
        .updateTable("system_messages")
        .set({ delivered_at: context.now() })
        .where("id", "=", id)
        .execute(),
  );
  if (isWritten) context.log("note-delivered", { session: session.id, id });
  return isWritten;
};

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
