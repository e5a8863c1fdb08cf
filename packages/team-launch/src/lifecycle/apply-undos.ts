import type { JournalFact } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";
import type { Undo } from "./undo.ts";

type UndoPorts = Pick<LaunchPorts, "store" | "worktrees">;

/** Undoes the changes that a launch made before its first agent, and records that. A worktree that stays is a warning. */
export const applyUndos = async (
  team: string,
  undos: readonly Undo[],
  { ports, note }: { readonly ports: UndoPorts; readonly note: (fact: JournalFact) => Promise<void> },
): Promise<void> => {
  for (const undo of undos) {
    switch (undo.type) {
      case "restore-snapshot":
        await ports.store.saveSnapshot(undo.snapshot);
        break;
      case "restore-team":
        await ports.store.restoreTeam(team);
        break;
      case "remove-team":
        await ports.store.removeTeam(team);
        break;
      case "remove-worktree": {
        const removed = await ports.worktrees.remove(undo.worktree);
        if (!removed.ok) await note({ type: "warning", ...removed.error });
      }
    }
  }
  if (undos.length > 0) await note({ type: "undone" });
};
