/** The longest time that a timer takes, ms. */
const longestMs = 2 ** 31 - 1;

/** A timer that calls once, at the time that was set last. */
export type DueTimer = {
  /** Both times are of one clock, ISO 8601. Null: nothing becomes due. */
  readonly set: (dueAt: string | null, now: string) => void;
  readonly stop: () => void;
};

export const dueTimer = (call: () => void): DueTimer => {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (dueAt, now) => {
      clearTimeout(timer);
      if (dueAt === null) return;
      timer = setTimeout(call, Math.min(Date.parse(dueAt) - Date.parse(now), longestMs));
      timer.unref();
    },
    stop: () => clearTimeout(timer),
  };
};
