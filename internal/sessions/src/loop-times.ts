/** Times of the loop, ms. */
export type LoopTimes = {
  /** A lease that is not renewed for this long is lost. */
  readonly leaseMs: number;
  /** Between two sweeps over all sessions. Whatever happens is acted on at once; this finds what was missed. */
  readonly sweepMs: number;
  /** Between two looks at the central database for notes. */
  readonly tickMs: number;
  /** Between two looks for what another host asks of this one, and for sessions whose host is gone. */
  readonly askedMs: number;
  /** From asking a container to end to ending it by force. */
  readonly graceMs: number;
  /** Between two looks for messages that are too old to be kept. */
  readonly forgetMs: number;
  /** A session without a container and without work is let go after this long. */
  readonly idleMs: number;
  /** An agent that another host runs, and that is connected to no host for this long, is given up. */
  readonly goneMs: number;
  /** A container that ends earlier, with nothing done, could not start. */
  readonly quickEndMs: number;
  /** A message waits twice as long after each container that ended without an answer to it: after the first. */
  readonly retryMs: number;
  /** A session waits twice as long after each wake that failed. */
  readonly wakeRetryMs: number;
  /** Before the second try to send to a chat; four times as long before the third. */
  readonly resendMs: number;
};

export const defaultTimes: LoopTimes = {
  leaseMs: 15_000,
  sweepMs: 15_000,
  tickMs: 1_000,
  askedMs: 250,
  graceMs: 1_000,
  forgetMs: 3_600_000,
  idleMs: 60_000,
  goneMs: 60_000,
  quickEndMs: 10_000,
  retryMs: 10_000,
  wakeRetryMs: 2_000,
  resendMs: 1_000,
};
