import type { Row } from "@nc/cli-scope";
import type { Place } from "../row-selects.ts";

/**
 * Asks to stop the sessions that lose their group, chat or wiring when this row is deleted, with one intent
 * for each group. The intents name the sessions now, since their rows may be gone when the intents are
 * carried out. Returns the number of sessions.
 */
export const stopSessionsOf = async ({ db, stored, deps }: Place, row: Row): Promise<number> => {
  if (stored.sessionsBy === undefined) return 0;
  let query = db.selectFrom("sessions").select(["id", "agent_group_id"]);
  for (const [column, of] of Object.entries(stored.sessionsBy)) query = query.where(column, "=", row[of]);
  const sessions = await query
    .where((eb) => eb.or([eb("status", "=", "active"), eb("container_status", "!=", "stopped")]))
    .orderBy("id")
    .execute();
  for (const groupId of new Set(sessions.map((session) => String(session["agent_group_id"])))) {
    const own = sessions.filter((session) => session["agent_group_id"] === groupId);
    const reason = `its ${stored.noun} was deleted`;
    await deps.askSessions(
      "stop",
      { sessionIds: own.map(({ id }) => String(id)), groupId, message: null, reason },
      `${stored.plural} delete`,
    );
  }
  return sessions.length;
};
