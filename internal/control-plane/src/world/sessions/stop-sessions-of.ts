import type { Row } from "@nc/cli-scope";
import type { Place } from "../row-selects.ts";

/**
 * Asks to stop the sessions that a row which is to be deleted leaves without their group, chat or wiring, one
 * intent for each group. They are named now: their rows may be gone when it is carried out. Returns how many.
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
    await deps.stopSessions(
      { sessionIds: own.map(({ id }) => String(id)), groupId, message: null, reason },
      `${stored.plural} delete`,
    );
  }
  return sessions.length;
};
