import type { LaunchWatch } from "../stages/launch-facts.ts";
import { lastOf, spawnedIn, type JournalEntry, type JournalFact } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";
import type { LaunchError } from "./launch-run.ts";
import { applyUndos } from "./apply-undos.ts";
import { undosIn } from "./undo.ts";

/**
 * Ends the launches of a team whose launchers were killed: undoes their changes from before their first agent, and
 * writes an end to their journals. Agents that they started keep running; this launch finds them. Idempotent, so a kill
 * in the middle does no harm.
 */
export const endKilledLaunches = async (
  team: string,
  ports: LaunchPorts,
  watch: LaunchWatch,
): Promise<void> => {
  for (const entries of await ports.store.killed(team)) {
    const run = lastOf(entries, "run")?.run;
    if (run === undefined) continue;
    const note = (fact: JournalFact): Promise<void> =>
      ports.store.note(run.id, { ...fact, at: new Date(ports.clock.now()).toISOString() });
    await applyUndos(team, undosIn(entries), { ports, note });
    const error = interruptionOf(run.id, entries);
    watch.onProgress?.({ state: "interrupted", message: error.message, members: [] });
    await note({ type: "ended", state: "interrupted", error });
  }
};

/** The last step of a killed launch, and the outcome of its changes. */
const interruptionOf = (id: string, entries: readonly JournalEntry[]): LaunchError => {
  const step = lastOf(entries, "step")?.step ?? "run";
  const started = spawnedIn(entries);
  const rest =
    started.length > 0
      ? `It had started ${started.join(", ")}: they live on.`
      : "It had started no agent, and what it made was taken back.";
  return { code: "launcher-killed", message: `The launch ${id} was killed in its step "${step}". ${rest}` };
};
