/** What lies outside the database and goes with a transaction. */
export type TransactionHooks = {
  /** Done once the transaction is committed. */
  readonly onCommit: (act: () => Promise<void>) => void;
  /** Done if it is not: takes back what was done meanwhile. */
  readonly onRollback: (act: () => Promise<void>) => void;
};

/** The same with its two ends, for who drives the transaction. */
export type HookList = TransactionHooks & {
  readonly committed: () => Promise<void>;
  readonly undone: () => Promise<void>;
  /** For a transaction inside another: what is to be done waits for the outer one. */
  readonly handTo: (outer: TransactionHooks) => void;
};

export const hookList = (): HookList => {
  const commits: (() => Promise<void>)[] = [];
  const undos: (() => Promise<void>)[] = [];
  return {
    onCommit: (act) => void commits.push(act),
    onRollback: (act) => void undos.unshift(act),
    committed: () => runAll(commits),
    undone: () => runAll(undos),
    handTo: (outer) => {
      for (const act of commits) outer.onCommit(act);
      for (const act of undos.toReversed()) outer.onRollback(act);
    },
  };
};

const runAll = async (acts: readonly (() => Promise<void>)[]): Promise<void> => {
  for (const act of acts) await act();
};
