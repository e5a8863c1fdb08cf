import { backoff } from "@gatehouse/std";
import { longestWaitMs } from "@gatehouse/session-rows";
import type { Exit } from "@nc/container-runtime";
import type { TransportError } from "@gatehouse/session-rows/messages";
import type { LoopTimes } from "../loop-times.ts";
import { judge } from "./judge.ts";
import {
  withoutEffects,
  reconcile,
  stopping,
  type Effect,
  type Run,
  type RowsRead,
  type SessionEvent,
  type SessionState,
  type Stepped,
  type WithRun,
  type Workload,
} from "./session-state.ts";
import { atRest, outdated, agentChanged, stopAsked, stopChanged } from "./stop-workload.ts";
import { failedStart, noFailure, startFailed } from "./wake-plan.ts";

/** Wait after a failure to read or write the rows, ms. It doubles up to the longest. */
const again = { first: 50, most: 30_000 };

const none: Workload = { is: "none" };

/** Returns the next state and the effects of an event. `step.test.ts` has a row for each case. */
export const step = (state: SessionState, event: SessionEvent, times: LoopTimes): Stepped => {
  if (state.phase === "over") return stepWhenOver(state, event);
  switch (event.type) {
    case "reconcile-begun":
      return withoutEffects({ ...state, isWatched: true });
    case "seen":
      return seen(state, event);
    case "refused":
      return refused(state, event.error, event.at);
    case "wake-asked":
      return state.workload.is === "none"
        ? started({ ...state, wake: { ...noFailure, failures: state.wake.failures } }, event.mayStart)
        : withoutEffects(state);
    case "counted":
      return state.workload.is === "starting"
        ? withoutEffects({ ...state, workload: { ...state.workload, incarnation: event.incarnation } })
        : withoutEffects(state);
    case "started":
      return runs(state, { ...event, hasWorked: false });
    case "not-started": {
      const stopped = { ...state, workload: none };
      return event.failure === null
        ? withoutEffects(stopped)
        : startFailed(stopped, event.failure, event.at, times);
    }
    case "worked":
      return withoutEffects(worked(state));
    case "stop-asked":
      return event.incarnation === undefined || incarnationOf(state.workload) === event.incarnation
        ? stopAsked(state)
        : withoutEffects(state);
    case "outdated":
      return outdated(state, event.incarnation);
    case "agent-changed":
      return agentChanged(state, event.incarnation);
    case "at-rest":
      return atRest(state, event.at, times);
    case "exited":
      return exited(state, event.exit);
    case "accounted":
      return accounted(state, event.exit, event.at, times);
    case "configured":
      return state.workload.is === "none" && state.wake.notBefore > 0
        ? { state: { ...state, wake: { ...state.wake, notBefore: 0 } }, effects: [reconcile] }
        : withoutEffects(state);
    case "message":
      // A running workload sees the message by itself.
      return { state, effects: hasRun(state.workload) ? [] : [reconcile] };
    case "used":
      return withoutEffects({ ...state, usedAt: event.at });
    case "ended":
      // A workload that answers has started, so the count of failures begins again.
      return withoutEffects({
        ...state,
        usedAt: event.at,
        wake: { ...state.wake, failures: 0, reportedReason: null },
      });
    case "closing":
      return withoutEffects({ ...state, phase: "closing" });
    case "lost":
      return over(state, event.why);
    case "released":
      return { state: { ...state, phase: "over" }, effects: [close, ...leftRunning(state.workload)] };
  }
};

/** After the lease is lost, a workload that starts is killed, an exit is only logged, and nothing is written. */
const stepWhenOver = (state: SessionState, event: SessionEvent): Stepped => {
  if (event.type === "started") {
    const { incarnation, startedAt } = event;
    const run = { incarnation, startedAt, hasWorked: false };
    return { state: { ...state, workload: { is: "running", run } }, effects: [killAtOnce] };
  }
  if (event.type === "not-started" || event.type === "accounted")
    return withoutEffects({ ...state, workload: none });
  if (event.type !== "exited" || !hasRun(state.workload)) return withoutEffects(state);
  return { state: { ...state, workload: none }, effects: [logExit(state.workload.run, event.exit)] };
};

const killAtOnce: Effect = { do: "kill", isGraceful: false };

/** Whether a workload was started and its exit is not accounted for. */
export const hasRun = (workload: Workload): workload is WithRun => "run" in workload;

const seen = (
  state: SessionState,
  { seen: read, at, awakeSince, mayStart }: Extract<SessionEvent, { readonly type: "seen" }>,
): Stepped => {
  // Claims of a workload that is gone: their release failed, or they were written after it. The next workload gets the messages.
  const left = state.workload.is === "none" ? read.claims.length : 0;
  const rows = { ...read, due: read.due + left };
  const hasWork = rows.due > 0 || rows.nextDueAt !== null || rows.waiting > 0;
  const known = { ...state, readFailures: 0, hasWork, isWatched: rows.claims.length > 0 };
  const next = rows.ended > 0 ? worked(known) : known;
  const later: readonly Effect[] =
    rows.nextDueAt === null ? [] : [{ do: "reconcile-at", at: Date.parse(rows.nextDueAt) }];
  const then = stopOrStart(next, rows, { at, awakeSince }, mayStart);
  return { state: then.state, effects: [...later, ...then.effects] };
};

/** Stops a stuck workload, and starts one if a message is due. */
const stopOrStart = (
  state: SessionState,
  rows: RowsRead,
  { at, awakeSince }: { readonly at: number; readonly awakeSince: number },
  mayStart: boolean,
): Stepped => {
  const { workload, wake } = state;
  if (workload.is === "running") {
    if (workload.run.hasAgentChanged === true && rows.claims.length === 0)
      return stopChanged(state, workload);
    const verdict = judge(rows, { now: at, startedAt: workload.run.startedAt, awakeSince });
    if (!verdict.isStuck) return withoutEffects(state);
    const { reason, forMs } = verdict;
    const log = { do: "log", event: "container-stuck", fields: { reason, forMs } } as const;
    return stopping(state, workload.run, "stuck", log);
  }
  if (workload.is !== "none" || rows.due === 0) return withoutEffects(state);
  // A wait that is longer than any began before the clock was set back.
  const waitMs = wake.notBefore - at;
  if (waitMs <= 0 || waitMs > longestWaitMs) return started(state, mayStart);
  const { notBefore, reportedReason: reason, failures } = wake;
  // Tells senders who wrote since the last failure.
  const report: readonly Effect[] =
    reason === null ? [] : [{ do: "tell-failed-wake", reason, isNew: false, failures }];
  return { state, effects: [{ do: "reconcile-at", at: notBefore }, ...report] };
};

const refused = (state: SessionState, { code, message }: TransportError, at: number): Stepped => {
  if (code === "closed") return withoutEffects(state);
  if (code === "fenced") return over(state, message);
  const readFailures = state.readFailures + 1;
  const waitMs = backoff(again, readFailures);
  const logged: readonly Effect[] =
    readFailures === 1 ? [{ do: "log", event: "session-unread", fields: { reason: message } }] : [];
  return { state: { ...state, readFailures }, effects: [...logged, { do: "reconcile-at", at: at + waitMs }] };
};

const started = (state: SessionState, mayStart: boolean): Stepped => {
  if (!mayStart || state.phase !== "working" || state.workload.is !== "none") return withoutEffects(state);
  return {
    state: { ...state, workload: { is: "starting", isStopAsked: false, incarnation: null } },
    effects: [{ do: "start" }],
  };
};

const runs = (state: SessionState, { incarnation, startedAt, hasWorked }: Run): Stepped => {
  const run = { incarnation, startedAt, hasWorked };
  if (state.workload.is === "starting" && state.workload.isStopAsked) return stopping(state, run, "asked");
  return withoutEffects({ ...state, workload: { is: "running", run } });
};

const worked = (state: SessionState): SessionState => {
  const { workload } = state;
  return hasRun(workload) && !workload.run.hasWorked
    ? { ...state, workload: { ...workload, run: { ...workload.run, hasWorked: true } } }
    : state;
};

/** The incarnation of a workload that runs, or that starts and is counted. */
export const incarnationOf = (workload: Workload): number | null => {
  if (workload.is === "starting") return workload.incarnation;
  return hasRun(workload) ? workload.run.incarnation : null;
};

const exited = (state: SessionState, exit: Exit): Stepped => {
  const { workload } = state;
  if (workload.is !== "running" && workload.is !== "stopping") return withoutEffects(state);
  const { run } = workload;
  const why = workload.is === "stopping" ? workload.why : null;
  const isInterrupted = why !== null && why !== "stuck";
  return {
    state: { ...state, workload: { is: "exited", run, why } },
    effects: [logExit(run, exit), { do: "account", run, isInterrupted, exit }],
  };
};

const logExit = ({ incarnation }: Run, { code, signal }: Exit): Effect => ({
  do: "log",
  event: "container-ended",
  fields: { incarnation, code, signal },
});

const accounted = (state: SessionState, exit: Exit, at: number, times: LoopTimes): Stepped => {
  const { workload } = state;
  if (workload.is !== "exited") return withoutEffects(state);
  const next = { ...state, workload: none };
  const failure = failedStart(workload, exit, at - workload.run.startedAt < times.quickEndMs);
  const then = failure === null ? withoutEffects(next) : startFailed(next, failure, at, times);
  return {
    state: then.state,
    effects: state.phase === "working" ? [...then.effects, reconcile] : then.effects,
  };
};

const close: Effect = { do: "close" };

/** Leaves a running workload to the next host. */
const leftRunning = ({ is }: Workload): readonly Effect[] => (is === "running" ? [{ do: "leave" }] : []);

const over = (state: SessionState, why: string): Stepped => ({
  state: { ...state, phase: "over" },
  effects: [
    { do: "log", event: "lease-lost", fields: { token: state.token, why } },
    close,
    ...(state.workload.is === "stopping" ? [killAtOnce] : leftRunning(state.workload)),
  ],
});
