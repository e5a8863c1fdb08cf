import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { writeIntent } from "@gatehouse/intents";
import { sessionsOfPerson } from "@gatehouse/session-rows";
import { type ClockAndIds, sessionsIntent, timeOrderedId } from "@gatehouse/command-context";

const systemClock: ClockAndIds = { now: () => new Date().toISOString(), id: timeOrderedId };

/**
 * Asks the host to end the sessions of a person. It writes intents, so that the request survives the end of
 * the host. `at-once` closes the sessions. `after-turn` restarts their containers with the present settings:
 * messages in work are worked on again, and no waiting message is lost. Without such sessions it writes no
 * intent.
 */
export const endSessionsOf = async (
  db: Kysely<CentralTables>,
  userId: string,
  when: "after-turn" | "at-once",
  clock: ClockAndIds = systemClock,
): Promise<void> => {
  const found = await sessionsOfPerson(db, userId);
  const meant = when === "at-once" ? found : found.filter(({ hasContainer }) => hasContainer);
  for (const groupId of new Set(meant.map((session) => session.groupId))) {
    const sessionIds = meant.filter((session) => session.groupId === groupId).map(({ id }) => id);
    const [kind, reason] =
      when === "at-once"
        ? (["stop", `${userId} was removed from users.yaml`] as const)
        : (["restart", `the settings of ${userId} changed`] as const);
    const intent = sessionsIntent(kind, { sessionIds, groupId, message: null, reason });
    const asker = { source: { actor: { type: "host" }, command: "users reload" }, reach: "all" } as const;
    if (intent.ok) await writeIntent(db, asker, intent.value, clock);
  }
};
