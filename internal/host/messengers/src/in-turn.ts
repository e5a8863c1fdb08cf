/** Runs work for the same name one after the other, in the order of the calls. */
export type Turns = {
  readonly inTurn: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Resolves when all work that was given until now has ended. */
  readonly idle: () => Promise<unknown>;
};

export const turns = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  return {
    inTurn: async (name, work) => {
      const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
      last.set(name, turn);
      try {
        return await turn;
      } finally {
        if (last.get(name) === turn) last.delete(name);
      }
    },
    idle: () => Promise.allSettled(last.values()),
  };
};
