import type { JournalEntry, JournalFact } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";

export type LaunchJournal = {
  readonly entries: readonly JournalEntry[];
  readonly note: (fact: JournalFact) => Promise<void>;
};

/** The journal of one launch. It holds entries back until the run's own entry, which must come first. */
export const launchJournal = ({ store, clock }: Pick<LaunchPorts, "store" | "clock">): LaunchJournal => {
  const entries: JournalEntry[] = [];
  let id = "";
  return {
    entries,
    note: async (fact) => {
      const entry: JournalEntry = { ...fact, at: new Date(clock.now()).toISOString() };
      const before = [...entries];
      entries.push(entry);
      if (fact.type === "run") {
        id = fact.run.id;
        await store.note(id, entry);
        for (const earlier of before) await store.note(id, earlier);
      } else if (id !== "") await store.note(id, entry);
    },
  };
};
