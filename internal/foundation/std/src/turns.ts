/** Work for the same name runs one after the other, in the order of the calls. Failed work ends only itself. */
export type Turns = {
  readonly inTurn: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** How much work has not ended. */
  readonly waiting: () => number;
  /** Resolves when all work that was given until now has ended. */
  readonly idle: () => Promise<unknown>;
};

export const turns = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;
  return {
    inTurn: async (name, work) => {
      waiting += 1;
      const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
      last.set(name, turn);
      try {
        return await turn;
      } finally {
        waiting -= 1;
        if (last.get(name) === turn) last.delete(name);
      }
    },
    waiting: () => waiting,
    idle: () => Promise.allSettled(last.values()),
  };
};
