import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { configOf, writeInstructions } from "./prepare-container.ts";
import { projectionOf } from "./projection.ts";
import { sessionFacts } from "../held/session-rows.ts";

/**
 * Brings what a group's agents see up to date with the database: the instructions in its folder, and the
 * destinations of its sessions that run. What cannot be written is in the log; the next start writes it.
 */
export const refreshGroup = async (context: LoopContext, groupId: string): Promise<void> => {
  const { db } = context.central;
  const group = await db
    .selectFrom("agent_groups")
    .select("folder")
    .where("id", "=", groupId)
    .executeTakeFirst();
  if (group === undefined) return;
  const config = await configOf(context, groupId);
  const written = config.ok ? await writeInstructions(context, group.folder, config.value) : config;
  if (!written.ok) context.log("not-refreshed", { group: groupId, reason: written.error });
  for (const session of context.held.all()) {
    const { run } = session;
    if (session.groupId !== groupId) continue;
    if (run === null) {
      wakeAgain(session);
      continue;
    }
    const facts = await sessionFacts(db, session.id);
    if (facts === null) continue;
    const projected = await session.end.project(await projectionOf(db, session, facts, run.incarnation));
    if (!projected.ok) context.log("not-refreshed", { session: session.id, reason: projected.error.message });
  }
};

/** What kept a container from starting may be mended by the change. */
const wakeAgain = (session: HeldSession): void => {
  if (session.wakeNotBefore === 0) return;
  session.wakeNotBefore = 0;
  void session.look();
};
