/** Times of the loop, ms. */
export type LoopTimes = {
  /** A lease that is not renewed for this long is lost. */
  readonly leaseMs: number;
  /** Interval of the sweep over all sessions. Events are handled at once; the sweep finds missed ones. */
  readonly sweepMs: number;
  /** Interval of the checks of the central database for notes and answers that no event told of. */
  readonly tickMs: number;
  /** Interval of the checks for requests of other hosts, and for sessions whose host is gone. */
  readonly askedMs: number;
  /** Interval of the looks whether other hosts have their session of the server. */
  readonly hostsMs: number;
  /** A host without such a session for this long is gone. One that lost it, as by a restart of the server, is back before. */
  readonly awayMs: number;
  /** Interval of the looks at an engine that cannot start agents. */
  readonly engineMs: number;
  /** A chat is told of the trouble of a model's vendor after this time. */
  readonly vendorWaitMs: number;
  /** Time between asking a container to stop and killing it. */
  readonly graceMs: number;
  /** Interval of the looks at the free space of the disk. */
  readonly diskMs: number;
  /** Interval of the checks for messages that are too old to be kept. */
  readonly forgetMs: number;
  /** A session without a container and without work is released after this time. */
  readonly idleMs: number;
  /** A container without work is ended after this time. Its session starts another for the next message. */
  readonly endIdleMs: number;
  /** An agent that another host runs is given up if it is connected to no host for this long. */
  readonly goneMs: number;
  /** A container that exits earlier, without having done anything, could not start. */
  readonly quickEndMs: number;
  /** First wait of a message after a container exited without answering it; it doubles each time. */
  readonly retryMs: number;
  /** First wait of a session after a failed wake; it doubles each time. */
  readonly wakeRetryMs: number;
  /** Wait before the second try to send to a chat; the wait before the third is four times as long. */
  readonly resendMs: number;
};

/** The lease of a host alone. Its next start voids the leases of the one before, so it seldom renews. */
export const aloneLeaseMs = 600_000;

export const defaultTimes: LoopTimes = {
  leaseMs: 15_000,
  sweepMs: 15_000,
  tickMs: 30_000,
  askedMs: 250,
  hostsMs: 500,
  awayMs: 2_000,
  engineMs: 5_000,
  vendorWaitMs: 20_000,
  graceMs: 1_000,
  diskMs: 500,
  forgetMs: 3_600_000,
  idleMs: 60_000,
  endIdleMs: 1_800_000,
  goneMs: 60_000,
  quickEndMs: 10_000,
  retryMs: 10_000,
  wakeRetryMs: 2_000,
  resendMs: 1_000,
};
