/**
 * The first commit of a container after it got a message is its claim, which needs no pass. Its next commit
 * may be the answer, and a pass between the two would delay the answer. ms
 */
const claimGatherMs = 20;

/** The longest delay that a timer accepts, ms. */
const longestMs = 2 ** 31 - 1;

/** Decides when a session is reconciled next. */
export type ReconcileSchedule = {
  /** Reconciles at once, but after events that are already queued, because one commit may cause several. */
  readonly soon: () => void;
  /** Reconciles at this time, ms since the epoch, or at an earlier one that was set before. */
  readonly at: (time: number) => void;
  /** The workload got a message, so its next commit is the claim. */
  readonly expectClaim: (isExpected: boolean) => void;
  readonly stop: () => void;
};

export const reconcileSchedule = (reconcile: () => Promise<void>): ReconcileSchedule => {
  let isStopped = false;
  let expectsClaim = false;
  let cancelSoon: (() => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  let timerAt = 0;
  const reconcileNow = (): void => {
    cancelSoon?.();
    cancelSoon = null;
    expectsClaim = false;
    if (!isStopped) void reconcile();
  };
  return {
    soon: () => {
      if (cancelSoon === null) cancelSoon = expectsClaim ? afterClaim(reconcileNow) : next(reconcileNow);
      else if (expectsClaim) reconcileNow();
    },
    at: (time) => {
      if (isStopped || (timer !== undefined && timerAt <= time)) return;
      clearTimeout(timer);
      timerAt = time;
      const due = (): void => {
        timer = undefined;
        void reconcile();
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

const next = (reconcile: () => void): (() => void) => {
  const immediate = setImmediate(reconcile);
  return () => clearImmediate(immediate);
};

const afterClaim = (reconcile: () => void): (() => void) => {
  const timer = setTimeout(reconcile, claimGatherMs);
  return () => clearTimeout(timer);
};
