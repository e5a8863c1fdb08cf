import type { HeldLease } from "@gatehouse/control-plane";
import type { Container } from "@nc/container-runtime";
import type { HostEnd, InboundMessage, SessionState, TransportResult } from "@nc/session-db";

/** The container of a session that runs, or has ended and is not accounted for yet. */
export type Run = {
  readonly container: Container;
  readonly incarnation: number;
  readonly startedAt: string;
  /** The host asked it to end. */
  isAsked: boolean;
  /** It was ended in good order, for a restart or with the host: what it had in work is not to blame. */
  isInterrupted: boolean;
  /** It took at least one message: so it has started. */
  hasWorked: boolean;
  /** Resolves when its end is accounted for: what it left in work is due again. */
  readonly over: Promise<void>;
};

/** Why no container was started, or why it ended before it did anything. */
export type WakeFailure = {
  /** A sentence. */
  readonly reason: string;
  /** A signal ended it: what it was started with need not be to blame. */
  readonly isKilled: boolean;
};

/** A session that this host holds the lease on. */
export type HeldSession = {
  readonly id: string;
  readonly groupId: string;
  readonly folder: string;
  readonly lease: HeldLease;
  readonly end: HostEnd;
  /** The token of the next container, once this host has counted it. */
  readonly issueToken: (incarnation: number) => Promise<TransportResult<string>>;
  /** After this the session takes no message: `end.send` gives `closed`. What came before can be read. */
  readonly seal: () => Promise<void>;
  run: Run | null;
  /** The wake that is under way. */
  waking: Promise<void> | null;
  /** Wakes that failed in a row. */
  failures: number;
  /** Why the last one failed, and the messages whose senders know; null while there is nothing to tell. */
  failure: { readonly reason: string; readonly told: Set<string> } | null;
  /** What the last wake failed by, also where nobody is told yet. */
  whyNotStarted: WakeFailure | null;
  /** No wake before this time, ms since the epoch. */
  wakeNotBefore: number;
  /** Another host holds it by now, or this one let it go. */
  isOver: boolean;
  /** No container is started: it is being closed. */
  isStopping: boolean;
  /** Its row is gone, and its lease with it: nobody else can hold it either. */
  isDeleted: boolean;
  /** Outbound messages whose command runs. */
  readonly commands: Set<string>;
  /** Answers of commands that ran, and could not be written down yet, by outbound message. */
  readonly answers: Map<string, InboundMessage>;
  /** Sends that failed, by message. */
  readonly sends: Map<string, { readonly failures: number; readonly notBefore: number }>;
  /** What was sent, and could not be written down yet. */
  readonly sent: Map<string, string | null>;
  /** Messages whose answer was sent and whose end is not known yet. */
  readonly answered: Set<string>;
  /** Messages that ended, of which the channels are not told yet. */
  readonly ends: SessionState["ended"][number][];
  /** Something waits in it: a time to come, a message to send. */
  hasWork: boolean;
  /** Its container has taken a message that has not ended, or the last look failed. */
  isWatched: boolean;
  timer: NodeJS.Timeout | undefined;
  /** When it looks, ms since the epoch, while there is a timer. */
  timerAt: number;
  /** Its container got a message, and has written nothing since. */
  expectsClaim: boolean;
  /** Cancels the look that was asked for by `lookSoon`; null while there is none. */
  cancelSoon: (() => void) | null;
  usedAt: number;
  /** The last write of files that its container reads: the next one waits for it. */
  inPlace: Promise<unknown>;
  /** How often in a row its rows could not be read or written. */
  unread: number;
  /** Delivers what the agent wrote. */
  readonly deliver: () => Promise<void>;
  /** Delivers what the agent wrote, and wakes a container where something is due. */
  readonly look: () => Promise<void>;
};

/** The sessions on which this host holds the lease. */
export type HeldSessions = {
  /**
   * Takes the lease and opens the session's rows; the same object for all who ask. Null for a session that is
   * closed or gone. If another host holds it, that one is asked to end its container and to let it go.
   */
  readonly hold: (sessionId: string) => Promise<HeldSession | null>;
  /** The same, but it asks for nothing of another host that holds it now. */
  readonly open: (sessionId: string) => Promise<HeldSession | null | "elsewhere">;
  /** The same, but null too if another host holds it now. */
  readonly tryHold: (sessionId: string) => Promise<HeldSession | null>;
  /**
   * The messages of a session whose row is gone and which this host does not hold, to tell of what it leaves. Null if
   * the row is there, or no message is. Nobody else is given it.
   */
  readonly openDeleted: (sessionId: string, groupId: string) => Promise<HeldSession | null>;
  readonly get: (sessionId: string) => HeldSession | undefined;
  readonly all: () => readonly HeldSession[];
  /** Gives the lease back; with `hasWork`, so that another host takes it. */
  readonly letGo: (session: HeldSession, hasWork?: boolean) => Promise<void>;
  /** Stops all writing for a session that another host holds by now. */
  readonly lose: (session: HeldSession, why: string) => Promise<void>;
  /** Prolongs all leases. Gives the sessions whose leases were not to be had: the caller loses them. */
  readonly renew: () => Promise<readonly HeldSession[]>;
};

/**
 * What a container writes first after it got a message is its claim, which nobody waits for; its next commit
 * may be the answer. A look between the two would keep the answer waiting. ms
 */
const claimGatherMs = 20;

/** Looks at once, though after the other events that have come: a commit may be told of twice. */
export const lookSoon = (session: HeldSession): void => {
  const look = (): void => {
    session.cancelSoon?.();
    session.cancelSoon = null;
    session.expectsClaim = false;
    if (!session.isOver) void session.look();
  };
  if (session.cancelSoon === null)
    session.cancelSoon = session.expectsClaim ? lookAfterClaim(look) : lookNext(look);
  else if (session.expectsClaim) look();
};

const lookNext = (look: () => void): (() => void) => {
  const immediate = setImmediate(look);
  return () => clearImmediate(immediate);
};

const lookAfterClaim = (look: () => void): (() => void) => {
  const timer = setTimeout(look, claimGatherMs);
  return () => clearTimeout(timer);
};

/** Looks again at this time, or earlier if that was asked for before. */
export const lookAt = (session: HeldSession, time: number): void => {
  if (session.isOver || (session.timer !== undefined && session.timerAt <= time)) return;
  clearTimeout(session.timer);
  session.timerAt = time;
  const look = (): void => {
    session.timer = undefined;
    void session.look();
  };
  session.timer = setTimeout(look, Math.max(0, Math.min(time - Date.now(), 2 ** 31 - 1)));
  session.timer.unref();
};
