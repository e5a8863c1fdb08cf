/** What lies outside the database and goes with a transaction. */
export type Afterwards = {
  /** Done once the transaction is committed. */
  readonly whenCommitted: (act: () => Promise<void>) => void;
  /** Done if it is not: takes back what was done meanwhile. */
  readonly whenUndone: (act: () => Promise<void>) => void;
};

/** The same with its two ends, for who drives the transaction. */
export type AfterwardsList = Afterwards & {
  readonly committed: () => Promise<void>;
  readonly undone: () => Promise<void>;
  /** For a transaction inside another: what is to be done waits for the outer one. */
  readonly handTo: (outer: Afterwards) => void;
};

export const afterwardsList = (): AfterwardsList => {
  const commits: (() => Promise<void>)[] = [];
  const undos: (() => Promise<void>)[] = [];
  return {
    whenCommitted: (act) => void commits.push(act),
    whenUndone: (act) => void undos.unshift(act),
    committed: () => runAll(commits),
    undone: () => runAll(undos),
    handTo: (outer) => {
      for (const act of commits) outer.whenCommitted(act);
      for (const act of undos.toReversed()) outer.whenUndone(act);
    },
  };
};

const runAll = async (acts: readonly (() => Promise<void>)[]): Promise<void> => {
  for (const act of acts) await act();
};
