import { type WaitingNote, waitingNotes } from "@gatehouse/control-plane";
import { parseJson } from "@gatehouse/std";
import type { InboundMessage, Json } from "@nc/session-db";
import type { Exit } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import { hasRun } from "../lifecycle/step.ts";
import { fieldOf, textOf } from "./text-of.ts";

/**
 * Delivers the notes that the central database keeps for sessions: how an approval ended, and messages that
 * another host left here. A note's id is its message's, so one that is delivered again after a crash adds
 * nothing.
 */
export const deliverNotes = async (context: LoopContext): Promise<void> => {
  for (const note of await waitingNotes(context.central.beside, context.owner)) {
    const session = await context.held.tryHold(note.session_id);
    if (session === null || !(await deliverNote(context, session, note))) continue;
    void session.look();
  }
};

/** Those of a session that was just opened. */
export const deliverNotesTo = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const notes = await waitingNotes(context.central.beside, context.owner, session.id);
  for (const note of notes) if (!(await deliverNote(context, session, note))) return;
};

const deliverNote = async (
  context: LoopContext,
  session: HeldSession,
  { id, content, created_at }: WaitingNote,
): Promise<boolean> => {
  const { beside: db } = context.central;
  const note = parseJson(content) as Json;
  if (fieldOf(note, "type") === exitType) return takeExit(context, session, id, note);
  const left = leftMessageIn(note);
  // It is tried again with the next look at the notes. Those of other sessions do not wait for it.
  const sent = await session.end.send([left ?? noteRow(id, note, created_at)]);
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
 * Writes what other hosts left for a session into its rows, also of one that was closed a moment ago:
 * whoever closes it tells of what is open there.
 */
export const takeInLeft = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const notes = await context.central.beside
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
 * Leaves a message for the host that holds its session. It is durable there: whoever holds the session next
 * writes it, in the order in which messages were left. False if the session is closed or gone: the change of
 * its row keeps it open until the message is there.
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

/** False if the session is closed or gone. */
const writeNote = (
  { central, now }: LoopContext,
  sessionId: string,
  id: string,
  note: object,
): Promise<boolean> =>
  central.beside.transaction().execute(async (transaction) => {
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
const exitType = "workload-exited";

/** Tells the host that leases a session, or the next one that does, that its workload has exited. */
export const noteExit = async (
  context: LoopContext,
  sessionId: string,
  { incarnation, exit: { code, signal } }: { readonly incarnation: number; readonly exit: Exit },
): Promise<void> => {
  const note = { type: exitType, incarnation, code, signal };
  await writeNote(context, sessionId, `exited-${sessionId}-${incarnation}`, note);
};

/** The end of an earlier workload is of no use. */
const takeExit = async (
  { central: { beside: db }, report }: LoopContext,
  { state, tell }: HeldSession,
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
    // Not waited for: it ends with a look, which delivers notes itself.
    tell({ type: "exited", exit }).catch(report);
  await db.deleteFrom("system_messages").where("id", "=", id).execute();
  return true;
};

const leftMessageIn = (note: Json): InboundMessage | null =>
  fieldOf(note, "type") === leftType ? (fieldOf(note, "message") as unknown as InboundMessage) : null;

/** An approval that expired wakes nobody: it is told with the next message. */
const noteRow = (id: string, note: Json, timestamp: string): InboundMessage =>
  hostRow({
    id,
    kind: "chat",
    timestamp,
    content: { text: textOf(note), system: true, ...answerIn(note) },
    trigger: fieldOf(note, "status") !== "expired",
  });

const answerIn = (note: Json): { readonly frame?: Json } => {
  const frame = fieldOf(note, "frame");
  return frame === undefined ? {} : { frame };
};
