import type { HeldLease } from "@gatehouse/control-plane";
import type { Container } from "@nc/container-runtime";
import type { HostEnd } from "@nc/session-db";

/** The container of a session that runs, or has ended and is not accounted for yet. */
export type Run = {
  readonly container: Container;
  readonly incarnation: number;
  readonly startedAt: string;
  /** The host asked it to end. */
  isAsked: boolean;
  /** It took at least one message: so it has started. */
  hasWorked: boolean;
  /** Resolves when its end is accounted for: what it left in work is due again. */
  readonly over: Promise<void>;
};

/** A session that this host holds the lease on. */
export type HeldSession = {
  readonly id: string;
  readonly groupId: string;
  readonly folder: string;
  readonly lease: HeldLease;
  readonly end: HostEnd;
  run: Run | null;
  /** The wake that is under way. */
  waking: Promise<void> | null;
  /** Wakes that failed in a row, and what was told of them. */
  failures: number;
  toldFailure: string | null;
  /** No wake before this time, ms since the epoch. */
  wakeNotBefore: number;
  /** Another host holds it by now, or this one let it go. */
  isOver: boolean;
  /** No container is started: it is being closed. */
  isStopping: boolean;
  /** Outbound messages whose command runs. */
  readonly commands: Set<string>;
  /** Sends that failed, by message. */
  readonly sends: Map<string, { readonly failures: number; readonly notBefore: number }>;
  /** What was sent, and could not be written down yet. */
  readonly sent: Map<string, string | null>;
  /** Something waits in it: a time to come, a message to send. */
  hasWork: boolean;
  /** Its container has taken a message that has not ended, or the last look failed. */
  isWatched: boolean;
  timer: NodeJS.Timeout | undefined;
  /** The look that was asked for by `lookSoon`. */
  soon: NodeJS.Timeout | undefined;
  usedAt: number;
  /** The last read of what the agent wrote succeeded. */
  hasReceived: boolean;
  /** The last write of files that its container reads: the next one waits for it. */
  inPlace: Promise<unknown>;
  /** How often in a row its files could not be read. */
  unreadable: number;
  /** Delivers what the agent wrote. */
  readonly deliver: () => Promise<void>;
  /** Delivers what the agent wrote, and wakes a container where something is due. */
  readonly look: () => Promise<void>;
};

/** The sessions on which this host holds the lease. */
export type HeldSessions = {
  /**
   * Takes the lease and opens the session's files; the same object for all who ask. Null for a session that is
   * closed or gone. If another host holds it, that one is asked to end its container and to let it go.
   */
  readonly hold: (sessionId: string) => Promise<HeldSession | null>;
  /** The same, but it asks for nothing of another host that holds it now. */
  readonly open: (sessionId: string) => Promise<HeldSession | null | "elsewhere">;
  /** The same, but null too if another host holds it now. */
  readonly tryHold: (sessionId: string) => Promise<HeldSession | null>;
  readonly get: (sessionId: string) => HeldSession | undefined;
  readonly all: () => readonly HeldSession[];
  /** Gives the lease back; with `hasWork`, so that another host takes it. */
  readonly letGo: (session: HeldSession, hasWork?: boolean) => Promise<void>;
  /** Stops all writing for a session that another host holds by now. */
  readonly lose: (session: HeldSession, why: string) => Promise<void>;
  /** Prolongs all leases, and loses those that were not to be had. Gives the sessions that were lost. */
  readonly renew: () => Promise<readonly string[]>;
};

/**
 * A turn's claim and its end may be two commits within a millisecond. A look at both costs as much as one at
 * either, and neither is in the way of the other side's next commit. ms
 */
const gatherMs = 2;

/** Looks very soon: once for everything that the container writes until then. */
export const lookSoon = (session: HeldSession): void => {
  session.soon ??= setTimeout(() => {
    session.soon = undefined;
    if (!session.isOver) void session.look();
  }, gatherMs);
};

/** Looks again at this time, or earlier if that was asked for before. */
export const lookAt = (session: HeldSession, time: number): void => {
  if (session.isOver) return;
  clearTimeout(session.timer);
  session.timer = setTimeout(
    () => void session.look(),
    Math.max(0, Math.min(time - Date.now(), 2 ** 31 - 1)),
  );
  session.timer.unref();
};
