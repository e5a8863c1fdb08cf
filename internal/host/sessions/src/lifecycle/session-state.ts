import type { Exit } from "@nc/container-runtime";
import type { SessionState as Rows, TransportError } from "@gatehouse/session-rows/messages";

/** The state of a leased session, as plain data: times are ms since the epoch. */
export type SessionState = {
  /**
   * `closing`: no more workloads are started. `over`: this host has no lease any more, and writes nothing.
   */
  readonly phase: "working" | "closing" | "over";
  /** The fencing token of the lease. */
  readonly token: number;
  readonly workload: Workload;
  readonly wake: WakePlan;
  /** The rows contain waiting work: a message for a later time, or one to send. */
  readonly hasWork: boolean;
  /** The agent has a message in work, or the last pass over the rows failed. */
  readonly isWatched: boolean;
  /** Number of consecutive failures to read or write the rows. */
  readonly readFailures: number;
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
   * The rows are being updated: after that, messages that the workload had in work are due again. Without a
   * `why` it exited by itself.
   */
  | { readonly is: "exited"; readonly run: Run; readonly why: StopReason | null };

/**
 * `stuck`: its messages in work count a try. `outdated`: it speaks another version of the wire. `idle`: it had no work
 * for `endIdleMs`. `agent-changed`: its session has another provider or model by now.
 */
export type StopReason = "asked" | "stuck" | "outdated" | "idle" | "agent-changed";

/** A workload that was started and whose exit is not accounted for. */
export type WithRun = Extract<Workload, { readonly run: Run }>;

export type Run = {
  readonly incarnation: number;
  /** The start that this host has seen, ms since the epoch: of an adopted workload, its adoption. */
  readonly startedAt: number;
  /** It took at least one message, so its start succeeded. */
  readonly hasWorked: boolean;
  /** It is stopped when it has nothing in work, because its session has another provider or model by now. */
  readonly hasAgentChanged?: boolean;
};

/** When a workload may be started again after failed starts. */
export type WakePlan = {
  /** Number of consecutive failed starts. */
  readonly failures: number;
  /** No start before this time; 0 without a failure. */
  readonly notBefore: number;
  readonly failure: WakeFailure | null;
  /** The reason that was reported to people; null if there is none. */
  readonly reportedReason: string | null;
};

/** Why no workload was started, or why it exited before it did anything. */
export type WakeFailure = {
  /** A sentence. */
  readonly reason: string;
  /** It was ended by a signal or stopped, so its configuration need not be the cause. */
  readonly isKilled: boolean;
};

/** The session's rows, as one pass found them. */
export type RowsRead = Pick<Rows, "claims" | "tool" | "due" | "nextDueAt"> & {
  /** The last heartbeat of the agent (ISO 8601, UTC); null without one. */
  readonly heartbeat: string | null;
  /** Number of messages that ended since the last pass. */
  readonly ended: number;
  /**
   * Number of the agent's messages that wait for another try to deliver them, and of ends that are not told
   * yet.
   */
  readonly waiting: number;
};

/** An event of a session. `at` is the time, ms since the epoch. */
export type SessionEvent =
  /** A pass over the rows begins. It may miss changes from now on. */
  | { readonly type: "reconcile-begun" }
  /**
   * A pass over the rows has succeeded. `awakeSince`: this host has run without a break since then. `mayStart`: this host
   * starts workloads now.
   */
  | {
      readonly type: "seen";
      readonly at: number;
      readonly awakeSince: number;
      readonly seen: RowsRead;
      readonly mayStart: boolean;
    }
  /** The rows could not be read or written. */
  | { readonly type: "refused"; readonly at: number; readonly error: TransportError }
  /** A command asks for a workload, whether or not a message is due or a retry is waiting. */
  | { readonly type: "wake-asked"; readonly mayStart: boolean }
  /**
   * The rows have the incarnation of the starting workload. Messages for the next workload written from now
   * on are not for this workload.
   */
  | { readonly type: "counted"; readonly incarnation: number }
  | { readonly type: "started"; readonly incarnation: number; readonly startedAt: number }
  /** Without a failure: this host may not start a workload for the session any more. */
  | { readonly type: "not-started"; readonly at: number; readonly failure: WakeFailure | null }
  /** A message of the agent was delivered, or the agent has claimed one. */
  | { readonly type: "worked" }
  /** The workload has to stop gracefully: any, or only the one of this incarnation. */
  | { readonly type: "stop-asked"; readonly incarnation?: number }
  /** The runner speaks another version of the wire than this host. */
  | { readonly type: "outdated"; readonly incarnation: number }
  /** The session has another provider or model than the workload of this incarnation. */
  | { readonly type: "agent-changed"; readonly incarnation: number }
  /** Nothing was written since the last pass, and nothing is in work. */
  | { readonly type: "at-rest"; readonly at: number }
  | { readonly type: "exited"; readonly exit: Exit }
  /** The rows have been updated after the exit. */
  | { readonly type: "accounted"; readonly at: number; readonly exit: Exit }
  /** The configuration of the workload has changed. */
  | { readonly type: "configured" }
  /** A message was written to the session. */
  | { readonly type: "message" }
  | { readonly type: "used"; readonly at: number }
  /** The agent has ended messages. */
  | { readonly type: "ended"; readonly at: number }
  | { readonly type: "closing" }
  | { readonly type: "lost"; readonly why: string }
  | { readonly type: "released" };

/** An action for the host. Effects are started in their order, without waiting for each other. */
export type Effect =
  | { readonly do: "start" }
  /** `isGraceful`: it is asked to stop, and has some time for it. */
  | { readonly do: "kill"; readonly isGraceful: boolean }
  /** Updates the rows after the exit; the event `accounted` follows. */
  | {
      readonly do: "account";
      readonly run: Run;
      readonly isInterrupted: boolean;
      readonly exit: Exit;
    }
  | { readonly do: "reconcile" }
  | { readonly do: "reconcile-at"; readonly at: number }
  /** Tells the senders of waiting messages, each once for a reason. `isNew`: this reason was not reported before. */
  | {
      readonly do: "tell-failed-wake";
      readonly reason: string;
      readonly isNew: boolean;
      readonly failures: number;
    }
  | { readonly do: "log"; readonly event: string; readonly fields: LogFields }
  /** Leaves the workload running for the next host, unless it is superseded. */
  | { readonly do: "leave" }
  /** Stops writing for this session. */
  | { readonly do: "close" };

type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export type Stepped = { readonly state: SessionState; readonly effects: readonly Effect[] };

/** The state of a session that was just leased and whose rows are not read yet. */
export const leasedState = (token: number, at: number): SessionState => ({
  phase: "working",
  token,
  workload: { is: "none" },
  wake: { failures: 0, notBefore: 0, failure: null, reportedReason: null },
  hasWork: true,
  isWatched: true,
  readFailures: 0,
  usedAt: at,
});

export const withoutEffects = (state: SessionState): Stepped => ({ state, effects: [] });

export const reconcile: Effect = { do: "reconcile" };

const killGracefully: Effect = { do: "kill", isGraceful: true };

/** Asks a workload to stop, after other effects. */
export const stopping = (
  state: SessionState,
  run: Run,
  why: StopReason,
  ...before: readonly Effect[]
): Stepped => ({
  state: { ...state, workload: { is: "stopping", run, why } },
  effects: [...before, killGracefully],
});
