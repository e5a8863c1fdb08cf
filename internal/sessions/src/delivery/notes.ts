import { parseJson } from "@gatehouse/std";
import type { InboundMessage, Json } from "@nc/session-db";
import type { LoopContext } from "../context.ts";
import { hostRow } from "../held/host-row.ts";
import { fieldOf, textOf } from "./text-of.ts";

/** Notes delivered at once. */
const limit = 100;

/**
 * Delivers the notes that the central database keeps for sessions: how an approval ended. A note's id is its
 * message's, so one that is delivered again after a crash adds nothing.
 */
export const deliverNotes = async (context: LoopContext): Promise<void> => {
  const { db } = context.central;
  const notes = await db
    .selectFrom("system_messages")
    .innerJoin("sessions", "sessions.id", "system_messages.session_id")
    .select(["system_messages.id", "session_id", "content", "system_messages.created_at"])
    .where("delivered_at", "is", null)
    .where("sessions.status", "=", "active")
    .orderBy("system_messages.created_at")
    .orderBy("system_messages.id")
    .limit(limit)
    .execute();
  for (const { id, session_id, content, created_at } of notes) {
    const session = await context.held.tryHold(session_id);
    if (session === null) continue;
    const sent = await session.end.send([noteRow(id, parseJson(content) as Json, created_at)]);
    // It is tried again with the next look at the notes. Those of other sessions do not wait for it.
    if (!sent.ok) continue;
    await db
      .updateTable("system_messages")
      .set({ delivered_at: context.now() })
      .where("id", "=", id)
      .execute();
    context.log("note-delivered", { session: session_id, id });
    void session.look();
  }
};

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
