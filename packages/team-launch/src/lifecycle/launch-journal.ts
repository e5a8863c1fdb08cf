import type { JournalEntry, JournalFact } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";

export type LaunchJournal = {
  readonly entries: readonly JournalEntry[];
  readonly note: (fact: JournalFact) => Promise<void>;
};

/**
 * The journal of one launch. It holds entries back until the run's own entry, which must come first. Several steps find
 * the same problem: a warning is noted once.
 */
export const launchJournal = ({ store, clock }: Pick<LaunchPorts, "store" | "clock">): LaunchJournal => {
  const entries: JournalEntry[] = [];
  let id = "";
  return {
    entries,
    note: async (fact) => {
      if (fact.type === "warning" && entries.some((entry) => isSameWarning(entry, fact))) return;
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

const isSameWarning = (entry: JournalEntry, { code, message }: Warning): boolean =>
  entry.type === "warning" && entry.code === code && entry.message === message;

type Warning = Extract<JournalFact, { readonly type: "warning" }>;
