/** Registers effects outside the database that depend on the outcome of a transaction. */
export type TransactionHooks = {
  /** `act` runs after the commit of the transaction. */
  readonly onCommit: (act: () => Promise<void>) => void;
  /** `act` runs after a rollback, in reverse order of registration. */
  readonly onRollback: (act: () => Promise<void>) => void;
};

/** The hooks with the functions that run them, for the code that commits or rolls back. */
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
