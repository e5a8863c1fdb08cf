import type { LaunchWatch } from "../stages/launch-facts.ts";
import { lastOf, spawnedIn, type JournalEntry, type JournalFact } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";
import type { LaunchError } from "./launch-run.ts";
import { takeBack } from "./take-back.ts";
import { undoOf } from "./undo.ts";

/**
 * Ends the launches of a team whose launchers were killed: what they made before their first agent is taken
 * back, and their journal gets an end. Agents that were started live on; this launch finds them. Doing it
 * twice changes nothing, so it may be killed too.
 */
export const settleKilled = async (team: string, ports: LaunchPorts, watch: LaunchWatch): Promise<void> => {
  for (const entries of await ports.store.killed(team)) {
    const run = lastOf(entries, "run")?.run;
    if (run === undefined) continue;
    const note = (fact: JournalFact): Promise<void> =>
      ports.store.note(run.id, { ...fact, at: new Date(ports.clock.now()).toISOString() });
    await takeBack(team, undoOf(entries), { ports, note });
    const error = interruptionOf(run.id, entries);
    watch.onProgress?.({ state: "interrupted", message: error.message, members: [] });
    await note({ type: "ended", state: "interrupted", error });
  }
};

/** What a killed launch was at, and what became of it. */
const interruptionOf = (id: string, entries: readonly JournalEntry[]): LaunchError => {
  const step = lastOf(entries, "step")?.step ?? "run";
  const started = spawnedIn(entries);
  const rest =
    started.length > 0
      ? `It had started ${started.join(", ")}: they live on.`
      : "It had started no agent, and what it made was taken back.";
  return { code: "launcher-killed", message: `The launch ${id} was killed in its step "${step}". ${rest}` };
};
