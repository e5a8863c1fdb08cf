import type { Exit } from "@nc/container-runtime";
import type { SessionState as Rows, TransportError } from "@nc/session-db";

/** What a host knows of a session on which it has the lease. Plain data: times are ms since the epoch. */
export type SessionState = {
  /** `closing`: no workload is started any more. `over`: this host has the lease no longer, and writes nothing. */
  readonly phase: "working" | "closing" | "over";
  /** The fencing token of its lease. */
  readonly token: number;
  readonly workload: Workload;
  readonly wake: WakePlan;
  /** Something waits in its rows: a time to come, a message to send. */
  readonly hasWork: boolean;
  /** Its agent has a message in work, or the last pass over its rows did not end well. */
  readonly isWatched: boolean;
  /** How often in a row its rows could not be read or written. */
  readonly unread: number;
  readonly usedAt: number;
};

/** The program that runs the session's agent, as far as this host knows. */
export type Workload =
  | { readonly is: "none" }
  /** With `isStopAsked` it is stopped as soon as it runs. `incarnation` is null until it is counted. */
  | { readonly is: "starting"; readonly isStopAsked: boolean; readonly incarnation: number | null }
  | { readonly is: "running"; readonly run: Run }
  /** This host asked it to stop. */
  | { readonly is: "stopping"; readonly run: Run; readonly why: StopReason }
  /**
   * Its rows are brought up to date: what it left in work is due again once this is over. Without a `why` it exited by
   * itself.
   */
  | { readonly is: "exited"; readonly run: Run; readonly why: StopReason | null };

/** Messages in work of one that is `stuck` count a try. One that is `outdated` speaks another version of the wire. */
export type StopReason = "asked" | "stuck" | "outdated";

export type Run = {
  readonly incarnation: number;
  readonly startedAt: number;
  /** It took at least one message: so it has started. */
  readonly hasWorked: boolean;
};

/** When a workload may be started again after starts that failed. */
export type WakePlan = {
  /** Starts that failed in a row. */
  readonly failures: number;
  /** No start before this time; 0 without a failure. */
  readonly notBefore: number;
  readonly failure: WakeFailure | null;
  /** The reason that people are told of; null while there is nothing to tell. */
  readonly told: string | null;
};

/** Why no workload was started, or why it exited before it did anything. */
export type WakeFailure = {
  /** A sentence. */
  readonly reason: string;
  /** A signal ended it, or it was stopped: what it was started with need not be to blame. */
  readonly isKilled: boolean;
};

/** The rows of a session as one pass over them found them. */
export type Seen = Pick<Rows, "heartbeat" | "claims" | "tool" | "due" | "nextDueAt"> & {
  /** Messages that newly ended. */
  readonly ended: number;
  /** Messages of the agent that wait for their next try to be delivered, and ends that are not told yet. */
  readonly waiting: number;
};

/** What happens to a session. `at` is the time, ms since the epoch. */
export type SessionEvent =
  /** A pass over its rows begins: what comes from now on may be missed by it. */
  | { readonly type: "look-begun" }
  /** A pass over its rows ended. `mayStart`: this host starts workloads now. */
  | { readonly type: "seen"; readonly at: number; readonly seen: Seen; readonly mayStart: boolean }
  /** Its rows could not be read or written. */
  | { readonly type: "refused"; readonly at: number; readonly error: TransportError }
  /** A command asks for a workload, whatever is due and however long the next try is away. */
  | { readonly type: "wake-asked"; readonly mayStart: boolean }
  /** The rows know the workload that starts: what is left for the next one is not for it. */
  | { readonly type: "counted"; readonly incarnation: number }
  | { readonly type: "started"; readonly incarnation: number; readonly startedAt: number }
  /** Without a failure the session is no longer this host's to start. */
  | { readonly type: "not-started"; readonly at: number; readonly failure: WakeFailure | null }
  /** A message of its agent was delivered, or its agent has taken one. */
  | { readonly type: "worked" }
  /** The workload has to stop, in good order: whichever it is, or the one of this incarnation. */
  | { readonly type: "stop-asked"; readonly incarnation?: number }
  /** Its runner speaks no version of the wire that this host speaks. */
  | { readonly type: "outdated"; readonly incarnation: number }
  | { readonly type: "exited"; readonly exit: Exit }
  /** The rows know of the exit. */
  | { readonly type: "accounted"; readonly at: number; readonly exit: Exit }
  /** What the workload is started with has changed. */
  | { readonly type: "configured" }
  /** A message came for it. */
  | { readonly type: "message" }
  | { readonly type: "used"; readonly at: number }
  /** Its agent is done with messages. */
  | { readonly type: "ended"; readonly at: number }
  | { readonly type: "closing" }
  | { readonly type: "lost"; readonly why: string }
  | { readonly type: "let-go" };

/** What the host has to do. They are begun in this order, and none waits for the one before. */
export type Effect =
  | { readonly do: "start" }
  /** `graceful`: it is asked first, and has a moment. */
  | { readonly do: "kill"; readonly isGraceful: boolean }
  /** Brings the rows up to date with the exit; `accounted` follows. */
  | {
      readonly do: "account";
      readonly run: Run;
      readonly isInterrupted: boolean;
      readonly exit: Exit;
    }
  | { readonly do: "reconcile" }
  | { readonly do: "reconcile-at"; readonly at: number }
  /** Tells the people whose messages wait. `isNew`: of this reason nobody was told. */
  | {
      readonly do: "tell-failed-wake";
      readonly reason: string;
      readonly isNew: boolean;
      readonly failures: number;
    }
  /** Tells people who wrote since. */
  | { readonly do: "tell-waiting"; readonly reason: string }
  | { readonly do: "log"; readonly event: string; readonly fields: LogFields }
  /** Lets the workload run on for the next host, unless it is superseded. */
  | { readonly do: "leave" }
  /** Writes nothing more for this session. */
  | { readonly do: "close" };

type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export type Stepped = { readonly state: SessionState; readonly effects: readonly Effect[] };

/** A session that was just leased. Its rows are not read yet. */
export const leasedState = (token: number, at: number): SessionState => ({
  phase: "working",
  token,
  workload: { is: "none" },
  wake: { failures: 0, notBefore: 0, failure: null, told: null },
  hasWork: true,
  isWatched: true,
  unread: 0,
  usedAt: at,
});
