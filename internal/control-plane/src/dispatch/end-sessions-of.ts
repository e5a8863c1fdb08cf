import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";
import { writeIntent } from "../intents/intent-rows.ts";
import { sessionsOfPerson } from "../sessions/sessions-of-person.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { sessionsIntent } from "../world/sessions/sessions-intent.ts";
import { timeOrderedId } from "../world/time-ordered-id.ts";

const hostsOwn: ClockAndIds = { now: () => new Date().toISOString(), id: timeOrderedId };

/**
 * Asks the host to end the sessions of a person, by intents, so that no end of the host loses it. `at-once`
 * closes them. `after-turn` restarts their containers, with the settings of now: what they had in work is
 * worked on again, and nothing that waits is lost. Without such sessions nothing is asked.
 */
export const endSessionsOf = async (
  db: Kysely<CentralTables>,
  userId: string,
  when: "after-turn" | "at-once",
  clock: ClockAndIds = hostsOwn,
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
