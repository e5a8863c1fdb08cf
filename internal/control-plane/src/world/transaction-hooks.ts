/** Effects outside the database that go with a transaction. */
export type TransactionHooks = {
  /** Runs once the transaction is committed. */
  readonly onCommit: (act: () => Promise<void>) => void;
  /** Runs if it is rolled back. */
  readonly onRollback: (act: () => Promise<void>) => void;
};

/** The same with its two ends, for the code that drives the transaction. */
export type HookList = TransactionHooks & {
  readonly committed: () => Promise<void>;
  readonly undone: () => Promise<void>;
  /** Moves the hooks of an inner transaction to the outer one. */
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
