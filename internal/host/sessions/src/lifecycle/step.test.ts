import { describe, expect, test } from "vitest";
import { defaultTimes as times } from "../loop-times.ts";
import { leasedState, type RowsRead, type SessionEvent, type SessionState } from "./session-state.ts";
import { step } from "./step.ts";

const at = Date.parse("2026-11-20T12:00:00.000Z");
const idle: SessionState = { ...leasedState(7, at), hasWork: false, isWatched: false };
const run = { incarnation: 3, startedAt: at - 60_000, hasWorked: true };
const fresh = { ...run, startedAt: at - 100, hasWorked: false };

const agentChanged = { is: "running", run: { ...run, hasAgentChanged: true } } as const;
const claim = { id: "m-1", since: new Date(at - 1_000).toISOString(), incarnation: 3 };

/** A session with this workload. */
const states = {
  idle,
  starting: { ...idle, workload: { is: "starting", isStopAsked: false, incarnation: null } },
  startingToStop: { ...idle, workload: { is: "starting", isStopAsked: true, incarnation: null } },
  running: { ...idle, workload: { is: "running", run } },
  runningSinceNow: { ...idle, workload: { is: "running", run: fresh } },
  stopping: { ...idle, workload: { is: "stopping", run, why: "asked" } },
  idleStopping: { ...idle, workload: { is: "stopping", run, why: "idle" } },
  stuck: { ...idle, workload: { is: "stopping", run: fresh, why: "stuck" } },
  exited: { ...idle, workload: { is: "exited", run, why: null } },
  exitedAtOnce: { ...idle, workload: { is: "exited", run: fresh, why: null } },
  outdated: { ...idle, workload: { is: "stopping", run: fresh, why: "outdated" } },
  exitedOutdated: { ...idle, workload: { is: "exited", run: fresh, why: "outdated" } },
  exitedAsAsked: { ...idle, workload: { is: "exited", run: fresh, why: "asked" } },
  closing: { ...idle, phase: "closing" },
  closingExited: { ...idle, phase: "closing", workload: { is: "exited", run, why: "asked" } },
  over: { ...idle, phase: "over" },
  overRunning: { ...idle, phase: "over", workload: { is: "running", run } },
  overStarting: {
    ...idle,
    phase: "over",
    workload: { is: "starting", isStopAsked: false, incarnation: null },
  },
} as const satisfies Readonly<Record<string, SessionState>>;

const waits = (failures: number, notBefore: number, reportedReason: string | null): SessionState => ({
  ...idle,
  wake: { failures, notBefore, failure: { reason: "No program.", isKilled: false }, reportedReason },
});

const nothingSeen: RowsRead = {
  ended: 0,
  claims: [],
  due: 0,
  nextDueAt: null,
  tool: null,
  waiting: 0,
  heartbeat: new Date(at - 1_000).toISOString(),
};
const seen = (over: Partial<RowsRead> = {}, mayStart = true): SessionEvent => ({
  type: "seen",
  at,
  awakeSince: 0,
  mayStart,
  seen: { ...nothingSeen, ...over },
});
const exit = (code: number | null, signal: NodeJS.Signals | null = null) => ({
  code,
  signal,
  lastLines: ["no such model"],
});
const exited: SessionEvent = { type: "exited", exit: exit(1) };
const accounted: SessionEvent = { type: "accounted", at, exit: exit(1) };
const killed: SessionEvent = { type: "accounted", at, exit: exit(null, "SIGKILL") };
const started: SessionEvent = { type: "started", incarnation: 3, startedAt: at };
const notStarted: SessionEvent = {
  type: "not-started",
  at,
  failure: { reason: "No program.", isKilled: false },
};

/** The effects in words. */
const done = (state: SessionState, event: SessionEvent): string =>
  step(state, event, times)
    .effects.map((effect) => {
      switch (effect.do) {
        case "kill":
          return effect.isGraceful ? "stop it" : "kill it";
        case "reconcile-at":
          return `reconcile in ${effect.at - at} ms`;
        case "log":
          return `log ${effect.event}`;
        case "account":
          return effect.isInterrupted ? "account: no try" : "account: a try";
        case "tell-failed-wake":
          return `tell${effect.isNew ? "" : " again"}: ${effect.reason}`;
        case "reconcile":
          return "reconcile";
        default:
          return effect.do;
      }
    })
    .join(", ");

type Row = {
  readonly title: string;
  readonly from: SessionState;
  readonly on: SessionEvent;
  /** The effects. */
  readonly does: string;
  /** Part of the next state. */
  readonly to: Partial<SessionState>;
};

const none = { is: "none" } as const;

const rows: Readonly<Record<string, readonly Row[]>> = {
  "starting a workload": [
    {
      title: "a due message starts a workload",
      from: idle,
      on: seen({ due: 1 }),
      does: "start",
      to: { workload: states.starting.workload, hasWork: true },
    },
    {
      title: "a message that is claimed for a workload that is gone starts a workload",
      from: idle,
      on: seen({ claims: [claim] }),
      does: "start",
      to: { workload: states.starting.workload, hasWork: true },
    },
    {
      title: "a message that is claimed for a workload that is gone waits for the next try of a start",
      from: waits(2, at + 4_000, "No program."),
      on: seen({ claims: [claim] }),
      does: "reconcile in 4000 ms, tell again: No program.",
      to: { workload: none, hasWork: true },
    },
    {
      title: "context without a due message starts no workload",
      from: idle,
      on: seen(),
      does: "",
      to: { workload: none, hasWork: false },
    },
    {
      title: "a second message during a start starts no second workload",
      from: states.starting,
      on: seen({ due: 2 }),
      does: "",
      to: { workload: states.starting.workload },
    },
    {
      title: "a message for a running workload starts no second workload",
      from: states.running,
      on: seen({ due: 1 }),
      does: "",
      to: { workload: states.running.workload },
    },
    {
      title: "a message for later is reconciled at its time",
      from: idle,
      on: seen({ nextDueAt: new Date(at + 5_000).toISOString() }),
      does: "reconcile in 5000 ms",
      to: { hasWork: true, workload: none },
    },
    {
      title: "a host that is starting or closing starts no workload",
      from: idle,
      on: seen({ due: 1 }, false),
      does: "",
      to: { workload: none },
    },
    {
      title: "a closing session starts no workload",
      from: states.closing,
      on: seen({ due: 1 }),
      does: "",
      to: { workload: none },
    },
    {
      title: "a wake command starts a workload without a due message, and before the next try",
      from: waits(2, at + 4_000, "No program."),
      on: { type: "wake-asked", mayStart: true },
      does: "start",
      to: { wake: { failures: 2, notBefore: 0, failure: null, reportedReason: null } },
    },
  ],
  "a workload that is counted": [
    {
      title: "the number of a workload is recorded before it has started",
      from: states.starting,
      on: { type: "counted", incarnation: 3 },
      does: "",
      to: { workload: { is: "starting", isStopAsked: false, incarnation: 3 } },
    },
  ],
  "a start that fails": [
    {
      title: "a failed start is reported with its reason, and tried again",
      from: states.starting,
      on: notStarted,
      does: "reconcile in 2000 ms, log wake-failed, tell: No program.",
      to: { workload: none, wake: waits(1, at + 2_000, "No program.").wake },
    },
    {
      title: "a second failed start waits twice as long, and is not reported as new",
      from: { ...waits(1, at, "No program."), workload: states.starting.workload },
      on: notStarted,
      does: "reconcile in 4000 ms, log wake-failed, tell again: No program.",
      to: { wake: waits(2, at + 4_000, "No program.").wake },
    },
    {
      title: "a start that ended by a signal is tried again, and not reported yet",
      from: states.exitedAtOnce,
      on: killed,
      does: "reconcile in 2000 ms, log wake-failed, reconcile",
      to: { wake: expect.objectContaining({ failures: 1, reportedReason: null }) as never },
    },
    {
      title: "the fifth start that ended by a signal is reported",
      from: { ...states.exitedAtOnce, wake: { ...idle.wake, failures: 4 } },
      on: killed,
      does: "reconcile in 32000 ms, log wake-failed, tell: its program ended at once (SIGKILL): no such model, reconcile",
      to: { wake: expect.objectContaining({ failures: 5 }) as never },
    },
    {
      title: "a failed start of a session that another host has leased is not reported",
      from: states.starting,
      on: { type: "not-started", at, failure: null },
      does: "",
      to: { workload: none, wake: idle.wake },
    },
    {
      title: "new senders are told the reason of the failed start, and wait for its next try",
      from: waits(1, at + 1_500, "No program."),
      on: seen({ due: 1 }),
      does: "reconcile in 1500 ms, tell again: No program.",
      to: { workload: none },
    },
    {
      title: "a failed start is tried again at its time",
      from: waits(1, at, "No program."),
      on: seen({ due: 1 }),
      does: "start",
      to: { workload: states.starting.workload },
    },
    {
      title: "a clock that was set back does not lengthen the wait",
      from: waits(1, at + 10_800_000, "No program."),
      on: seen({ due: 1 }),
      does: "start",
      to: { workload: states.starting.workload },
    },
    {
      title: "a changed configuration causes the next try at once",
      from: waits(3, at + 8_000, "No program."),
      on: { type: "configured" },
      does: "reconcile",
      to: { wake: waits(3, 0, "No program.").wake },
    },
    {
      title: "an agent that has ended a message resets the number of failed starts",
      from: { ...waits(4, at, "No program."), workload: states.running.workload },
      on: { type: "ended", at: at + 1 },
      does: "",
      to: { wake: waits(0, at, null).wake, usedAt: at + 1 },
    },
  ],
  "a workload that exits": [
    {
      title: "an exit by itself counts a try for messages in work",
      from: states.running,
      on: exited,
      does: "log container-ended, account: a try",
      to: { workload: { is: "exited", run, why: null } },
    },
    {
      title: "an exit after a stop order counts no try for messages in work",
      from: states.stopping,
      on: exited,
      does: "log container-ended, account: no try",
      to: { workload: { is: "exited", run, why: "asked" } },
    },
    {
      title: "an exit of a stuck workload counts a try for messages in work",
      from: states.stuck,
      on: exited,
      does: "log container-ended, account: a try",
      to: { workload: { is: "exited", run: fresh, why: "stuck" } },
    },
    {
      title: "a pass follows an exit once the rows are updated",
      from: states.exited,
      on: accounted,
      does: "reconcile",
      to: { workload: none },
    },
    {
      title: "no workload is started between an exit and the update of the rows",
      from: states.exited,
      on: seen({ due: 1 }),
      does: "",
      to: { workload: states.exited.workload },
    },
    {
      title: "an exit at once, without any work done, counts as a failed start",
      from: states.exitedAtOnce,
      on: accounted,
      does: "reconcile in 2000 ms, log wake-failed, tell: its program ended at once (exit code 1): no such model, reconcile",
      to: { workload: none },
    },
    {
      title: "an exit at once after a stop order does not count as a failed start",
      from: states.exitedAsAsked,
      on: accounted,
      does: "reconcile",
      to: { workload: none, wake: idle.wake },
    },
    {
      title: "an exit in a closing session is followed by no other workload",
      from: states.closingExited,
      on: accounted,
      does: "",
      to: { workload: none },
    },
    {
      title: "a workload counts as working once a message of its agent was delivered",
      from: states.runningSinceNow,
      on: { type: "worked" },
      does: "",
      to: { workload: { is: "running", run: { ...fresh, hasWorked: true } } },
    },
  ],
  "a workload that is to stop": [
    {
      title: "a running workload is stopped gracefully",
      from: states.running,
      on: { type: "stop-asked" },
      does: "stop it",
      to: { workload: { is: "stopping", run, why: "asked" } },
    },
    {
      title: "a stop order for a starting workload is kept",
      from: states.starting,
      on: { type: "stop-asked" },
      does: "",
      to: { workload: states.startingToStop.workload },
    },
    {
      title: "a workload that was asked to stop while it started is stopped as soon as it runs",
      from: states.startingToStop,
      on: started,
      does: "stop it",
      to: {
        workload: {
          is: "stopping",
          run: { incarnation: 3, startedAt: at, hasWorked: false },
          why: "asked",
        },
      },
    },
    {
      title: "a stop order for an exited workload changes nothing",
      from: states.exited,
      on: { type: "stop-asked" },
      does: "",
      to: states.exited,
    },
    {
      title: "a stop order for another workload than the running one changes nothing",
      from: states.running,
      on: { type: "stop-asked", incarnation: 2 },
      does: "",
      to: states.running,
    },
    {
      title: "a stop order with the running workload's number stops it",
      from: states.running,
      on: { type: "stop-asked", incarnation: 3 },
      does: "stop it",
      to: { workload: { is: "stopping", run, why: "asked" } },
    },
    {
      title: "a stop order with the starting workload's number is kept",
      from: { ...idle, workload: { is: "starting", isStopAsked: false, incarnation: 3 } },
      on: { type: "stop-asked", incarnation: 3 },
      does: "",
      to: { workload: { is: "starting", isStopAsked: true, incarnation: 3 } },
    },
    {
      title: "a stop order with a number changes nothing while the starting workload has none",
      from: states.starting,
      on: { type: "stop-asked", incarnation: 3 },
      does: "",
      to: states.starting,
    },
    {
      title: "a stop order without a workload changes nothing",
      from: idle,
      on: { type: "stop-asked" },
      does: "",
      to: idle,
    },
    {
      title: "a silent workload is stopped as stuck",
      from: { ...idle, workload: { is: "running", run: { ...run, startedAt: at - 3_600_000 } } },
      on: seen({ heartbeat: null }),
      does: "log container-stuck, stop it",
      to: {},
    },
    {
      title: "a stuck workload is not stopped twice",
      from: states.stuck,
      on: seen({ heartbeat: null }),
      does: "",
      to: { workload: states.stuck.workload },
    },
  ],
  "a workload whose runner is of another version": [
    {
      title: "a workload with an outdated runner is stopped gracefully",
      from: states.runningSinceNow,
      on: { type: "outdated", incarnation: 3 },
      does: "stop it",
      to: { workload: states.outdated.workload },
    },
    {
      title: "an outdated runner of another workload changes nothing",
      from: states.running,
      on: { type: "outdated", incarnation: 2 },
      does: "",
      to: states.running,
    },
    {
      title: "the exit of an outdated runner counts no try for messages in work",
      from: states.outdated,
      on: exited,
      does: "log container-ended, account: no try",
      to: { workload: states.exitedOutdated.workload },
    },
    {
      title:
        "the exit of an outdated runner without work done causes a start after a wait, and people are not told",
      from: states.exitedOutdated,
      on: accounted,
      does: "reconcile in 2000 ms, log wake-failed, reconcile",
      to: { workload: none, wake: expect.objectContaining({ failures: 1, reportedReason: null }) as never },
    },
    {
      title: "the fifth exit of outdated runners in a row is reported",
      from: { ...states.exitedOutdated, wake: { ...idle.wake, failures: 4 } },
      on: accounted,
      does: "reconcile in 32000 ms, log wake-failed, tell: its runner is of another version, which its image brings: gatehouse image build, and for Pods push it., reconcile",
      to: { wake: expect.objectContaining({ failures: 5 }) as never },
    },
    {
      title: "the exit of an outdated runner after some work causes a start at once",
      from: { ...idle, workload: { is: "exited", run, why: "outdated" } },
      on: accounted,
      does: "reconcile",
      to: { workload: none, wake: idle.wake },
    },
  ],
  "a workload without work": [
    {
      title: "a workload without work is stopped after half an hour",
      from: { ...states.running, usedAt: at - 1_800_000 },
      on: { type: "at-rest", at: at + 1_800_000 },
      does: "log container-idle, stop it",
      to: { workload: states.idleStopping.workload },
    },
    {
      title: "a workload without work keeps running for less than half an hour",
      from: states.running,
      on: { type: "at-rest", at: at + 1_700_000 },
      does: "",
      to: states.running,
    },
    {
      title: "a workload that was just started keeps running, however long the session was unused",
      from: { ...states.runningSinceNow, usedAt: at - 7_200_000 },
      on: { type: "at-rest", at },
      does: "",
      to: { workload: states.runningSinceNow.workload },
    },
    {
      title: "the exit of an idle workload counts no try for a message that came meanwhile",
      from: states.idleStopping,
      on: exited,
      does: "log container-ended, account: no try",
      to: { workload: { is: "exited", run, why: "idle" } },
    },
    {
      title: "the exit of an idle workload that has done no work is no failed start",
      from: { ...idle, workload: { is: "exited", run: fresh, why: "idle" } },
      on: accounted,
      does: "reconcile",
      to: { workload: none, wake: idle.wake },
    },
    {
      title: "an idle session without a workload stops nothing",
      from: idle,
      on: { type: "at-rest", at: at + 7_200_000 },
      does: "",
      to: { workload: none },
    },
  ],
  "a workload whose session has another model": [
    {
      title: "a changed model causes a pass at once",
      from: states.running,
      on: { type: "agent-changed", incarnation: 3 },
      does: "reconcile",
      to: { workload: agentChanged },
    },
    {
      title: "a changed model of an earlier workload changes nothing",
      from: states.running,
      on: { type: "agent-changed", incarnation: 2 },
      does: "",
      to: states.running,
    },
    {
      title: "a workload with a message in work ends its turn",
      from: { ...states.running, workload: agentChanged },
      on: seen({ claims: [claim] }),
      does: "",
      to: { workload: agentChanged },
    },
    {
      title: "a workload is stopped after its turn, even if a message is due",
      from: { ...states.running, workload: agentChanged },
      on: seen({ due: 1 }),
      does: "log container-agent-changed, stop it",
      to: { workload: { ...agentChanged, is: "stopping", why: "agent-changed" } },
    },
    {
      title: "the exit counts no try for a message that the workload has taken meanwhile",
      from: { ...idle, workload: { ...agentChanged, is: "stopping", why: "agent-changed" } },
      on: exited,
      does: "log container-ended, account: no try",
      to: { workload: { ...agentChanged, is: "exited", why: "agent-changed" } },
    },
  ],
  "a session whose lease is lost": [
    {
      title: "a session whose lease another host took is closed here, and its workload is left to that host",
      from: states.running,
      on: { type: "lost", why: "another host took it" },
      does: "log lease-lost, close, leave",
      to: { phase: "over" },
    },
    {
      title: "a workload that was asked to stop is killed when the lease is lost",
      from: states.stopping,
      on: { type: "lost", why: "another host took it" },
      does: "log lease-lost, close, kill it",
      to: { phase: "over" },
    },
    {
      title: "a write refused as fenced means that the lease is lost",
      from: states.running,
      on: { type: "refused", at, error: { code: "fenced", message: "a newer token" } },
      does: "log lease-lost, close, leave",
      to: { phase: "over" },
    },
    {
      title: "a workload that starts after the lease was lost is killed",
      from: states.overStarting,
      on: started,
      does: "kill it",
      to: { phase: "over" },
    },
    {
      title: "an exit after the lease was lost is only logged",
      from: states.overRunning,
      on: exited,
      does: "log container-ended",
      to: { workload: none },
    },
    {
      title: "a due message after the lease was lost has no effect",
      from: states.over,
      on: seen({ due: 1 }),
      does: "",
      to: states.over,
    },
    {
      title: "a session whose lease this host gives back is closed without a log entry",
      from: idle,
      on: { type: "released" },
      does: "close",
      to: { phase: "over" },
    },
    {
      title: "a session that this host gives to another host leaves its workload running",
      from: states.running,
      on: { type: "released" },
      does: "close, leave",
      to: { phase: "over" },
    },
  ],
  "rows that cannot be read": [
    {
      title: "unreadable rows are read again soon, which is logged",
      from: idle,
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      does: "log session-unread, reconcile in 50 ms",
      to: { readFailures: 1 },
    },
    {
      title: "the wait grows with each failure, which is logged only once",
      from: { ...idle, readFailures: 3 },
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      does: "reconcile in 400 ms",
      to: { readFailures: 4 },
    },
    {
      title: "the wait grows to at most 30 s",
      from: { ...idle, readFailures: 40 },
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      does: "reconcile in 30000 ms",
      to: { readFailures: 41 },
    },
    {
      title: "rows of a closed side are not read again",
      from: idle,
      on: { type: "refused", at, error: { code: "closed", message: "" } },
      does: "",
      to: { readFailures: 0 },
    },
    {
      title: "a successful pass resets the number of failures",
      from: { ...idle, readFailures: 3, isWatched: true },
      on: seen(),
      does: "",
      to: { readFailures: 0, isWatched: false },
    },
  ],
};

describe.for(Object.entries(rows))("%s", ([, table]) => {
  test.for(table)("$title", ({ from, on, does, to }) => {
    expect(done(from, on)).toBe(does);
    expect(step(from, on, times).state).toMatchObject(to);
  });
});
