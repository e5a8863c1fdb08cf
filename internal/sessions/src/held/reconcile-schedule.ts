/**
 * What a container writes first after it got a message is its claim, which nobody waits for; its next commit
 * may be the answer. A look between the two would keep the answer waiting. ms
 */
const claimGatherMs = 20;

/** The longest time that a timer takes, ms. */
const longestMs = 2 ** 31 - 1;

/** When a session is looked at next. */
export type ReconcileSchedule = {
  /** Looks at once, though after the other events that have come: a commit may be told of twice. */
  readonly soon: () => void;
  /** Looks at this time, ms since the epoch, or earlier if that was asked for before. */
  readonly at: (time: number) => void;
  /** Its workload got a message: what it writes next is its claim. */
  readonly expectClaim: (isExpected: boolean) => void;
  readonly stop: () => void;
};

export const reconcileSchedule = (look: () => Promise<void>): ReconcileSchedule => {
  let isStopped = false;
  let expectsClaim = false;
  let cancelSoon: (() => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = 0;
  const lookNow = (): void => {
    cancelSoon?.();
    cancelSoon = null;
    expectsClaim = false;
    if (!isStopped) void look();
  };
  return {
    soon: () => {
      if (cancelSoon === null) cancelSoon = expectsClaim ? afterClaim(lookNow) : next(lookNow);
      else if (expectsClaim) lookNow();
    },
    at: (time) => {
      if (isStopped || (timer !== undefined && timerAt <= time)) return;
      clearTimeout(timer);
      timerAt = time;
      const due = (): void => {
        timer = undefined;
        void look();
      };
      timer = setTimeout(due, Math.max(0, Math.min(time - Date.now(), longestMs)));
      timer.unref();
    },
    expectClaim: (isExpected) => {
      expectsClaim = isExpected;
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      cancelSoon?.();
    },
  };
};

const next = (look: () => void): (() => void) => {
  const immediate = setImmediate(look);
  return () => clearImmediate(immediate);
};

const afterClaim = (look: () => void): (() => void) => {
  const timer = setTimeout(look, claimGatherMs);
  return () => clearTimeout(timer);
};
