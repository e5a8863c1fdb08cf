import { startReader, type ReaderProcess } from "./reader-process.ts";

/** The children of one pool: those that read, and those that have nothing to do. */
export type ReaderChildren = {
  /** Starts one more. `onFree` gets it when it can read; `onFailed` how it ended, if it never could. */
  readonly start: () => Promise<void>;
  /** How many read, or will; a child that is being ended does not count. */
  readonly count: () => number;
  readonly isStarting: () => boolean;
  readonly idle: () => number;
  /** Takes one that has nothing to do: the one that read last has kept most of what is read again. */
  readonly take: (which: "newest" | "oldest") => ReaderProcess | undefined;
  /** Takes a child back, unless it has ended. */
  readonly giveBack: (child: ReaderProcess) => void;
  readonly end: (child: ReaderProcess) => void;
  /** Ends all of them. Resolves when the last one has ended. */
  readonly endAll: () => Promise<void>;
};

export const readerChildren = (options: {
  readonly program: readonly [string, ...string[]];
  readonly onFree: () => void;
  readonly onFailed: (how: string) => void;
}): ReaderChildren => {
  const usable = new Set<ReaderProcess>();
  const idle = new Set<ReaderProcess>();
  const ends = new Set<Promise<string>>();
  let starting = 0;

  const forget = (child: ReaderProcess): void => {
    usable.delete(child);
    idle.delete(child);
  };
  const end = (child: ReaderProcess): void => {
    forget(child);
    child.end();
  };

  return {
    start: async () => {
      const child = startReader(options.program);
      usable.add(child);
      ends.add(child.ended);
      void child.ended.then(() => {
        ends.delete(child.ended);
        forget(child);
      });
      starting += 1;
      const isReady = await child.ready;
      starting -= 1;
      if (!isReady) return options.onFailed(await child.ended);
      if (usable.has(child)) idle.add(child);
      options.onFree();
    },
    count: () => usable.size,
    isStarting: () => starting > 0,
    idle: () => idle.size,
    take: (which) => {
      const child = [...idle].at(which === "newest" ? -1 : 0);
      if (child !== undefined) idle.delete(child);
      return child;
    },
    giveBack: (child) => {
      if (usable.has(child)) idle.add(child);
    },
    end,
    endAll: async () => {
      for (const child of usable) child.end();
      await Promise.all(ends);
    },
  };
};
