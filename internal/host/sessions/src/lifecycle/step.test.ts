import { describe, expect, test } from "vitest";
import { defaultTimes as times } from "../loop-times.ts";
import { leasedState, type Seen, type SessionEvent, type SessionState } from "./session-state.ts";
import { step } from "./step.ts";

const at = Date.parse("2026-11-20T12:00:00.000Z");
const idle: SessionState = { ...leasedState(7, at), hasWork: false, isWatched: false };
const run = { incarnation: 3, startedAt: at - 60_000, hasWorked: true };
const fresh = { ...run, startedAt: at - 100, hasWorked: false };

const rechosen = { is: "running", run: { ...run, isRechosen: true } } as const;
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

const waits = (failures: number, notBefore: number, told: string | null): SessionState => ({
  ...idle,
  wake: { failures, notBefore, failure: { reason: "No program.", isKilled: false }, told },
});

const nothingSeen: Seen = {
  ...{ ended: 0, claims: [], due: 0, nextDueAt: null, tool: null, waiting: 0 },
  heartbeat: new Date(at - 1_000).toISOString(),
};
const seen = (over: Partial<Seen> = {}, mayStart = true): SessionEvent => ({
  ...{ type: "seen", at, mayStart },
  seen: { ...nothingSeen, ...over },
});
const exit = (code: number | null, signal: NodeJS.Signals | null = null) => ({
  ...{ code, signal, lastLines: ["no such model"] },
});
const exited: SessionEvent = { type: "exited", exit: exit(1) };
const accounted: SessionEvent = { type: "accounted", at, exit: exit(1) };
const killed: SessionEvent = { type: "accounted", at, exit: exit(null, "SIGKILL") };
const started: SessionEvent = { type: "started", incarnation: 3, startedAt: at };
const notStarted: SessionEvent = {
  ...{ type: "not-started", at },
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
        case "tell-waiting":
          return `tell who wrote since: ${effect.reason}`;
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
      title: "a due message starts one",
      ...{ from: idle, on: seen({ due: 1 }), does: "start" },
      to: { workload: states.starting.workload, hasWork: true },
    },
    {
      title: "context alone starts none",
      ...{ from: idle, on: seen(), does: "", to: { workload: none, hasWork: false } },
    },
    {
      title: "a second message during a start starts no second one (cases 2, 23)",
      ...{
        from: states.starting,
        on: seen({ due: 2 }),
        does: "",
        to: { workload: states.starting.workload },
      },
    },
    {
      title: "a running one gets the message by itself",
      ...{ from: states.running, on: seen({ due: 1 }), does: "", to: { workload: states.running.workload } },
    },
    {
      title: "a message for later is reconciled at its time",
      from: idle,
      on: seen({ nextDueAt: new Date(at + 5_000).toISOString() }),
      ...{ does: "reconcile in 5000 ms", to: { hasWork: true, workload: none } },
    },
    {
      title: "a host that is starting or closing starts no workload",
      ...{ from: idle, on: seen({ due: 1 }, false), does: "", to: { workload: none } },
    },
    {
      title: "a closing session starts none (cases 5, 75, 76)",
      ...{ from: states.closing, on: seen({ due: 1 }), does: "", to: { workload: none } },
    },
    {
      title: "a command starts one without a due message, and before the next try",
      from: waits(2, at + 4_000, "No program."),
      on: { type: "wake-asked", mayStart: true },
      does: "start",
      to: { wake: { failures: 2, notBefore: 0, failure: null, told: null } },
    },
  ],
  "a workload that is counted": [
    {
      title: "is recorded before it has started",
      ...{ from: states.starting, on: { type: "counted", incarnation: 3 }, does: "" },
      to: { workload: { is: "starting", isStopAsked: false, incarnation: 3 } },
    },
  ],
  "a start that fails": [
    {
      title: "is reported with its reason, and tried again",
      ...{ from: states.starting, on: notStarted },
      does: "reconcile in 2000 ms, log wake-failed, tell: No program.",
      to: { workload: none, wake: waits(1, at + 2_000, "No program.").wake },
    },
    {
      title: "a second time waits twice as long, and is not reported twice",
      from: { ...waits(1, at, "No program."), workload: states.starting.workload },
      on: notStarted,
      does: "reconcile in 4000 ms, log wake-failed, tell again: No program.",
      to: { wake: waits(2, at + 4_000, "No program.").wake },
    },
    {
      title: "by a signal is tried again, and not reported yet",
      ...{ from: states.exitedAtOnce, on: killed },
      does: "reconcile in 2000 ms, log wake-failed, reconcile",
      to: { wake: expect.objectContaining({ failures: 1, told: null }) as never },
    },
    {
      title: "by a signal is reported the fifth time",
      ...{ from: { ...states.exitedAtOnce, wake: { ...idle.wake, failures: 4 } }, on: killed },
      does: "reconcile in 32000 ms, log wake-failed, tell: its program ended at once (SIGKILL): no such model, reconcile",
      to: { wake: expect.objectContaining({ failures: 5 }) as never },
    },
    {
      title: "of a session that another host has leased is not reported",
      from: states.starting,
      on: { type: "not-started", at, failure: null },
      ...{ does: "", to: { workload: none, wake: idle.wake } },
    },
    {
      title: "makes new senders wait, and tells them why",
      from: waits(1, at + 1_500, "No program."),
      on: seen({ due: 1 }),
      does: "reconcile in 1500 ms, tell who wrote since: No program.",
      to: { workload: none },
    },
    {
      title: "is tried again at its time",
      from: waits(1, at, "No program."),
      on: seen({ due: 1 }),
      ...{ does: "start", to: { workload: states.starting.workload } },
    },
    {
      title: "is tried again at once if the configuration has changed",
      from: waits(3, at + 8_000, "No program."),
      on: { type: "configured" },
      ...{ does: "reconcile", to: { wake: waits(3, 0, "No program.").wake } },
    },
    {
      title: "is forgotten once an agent has ended a message",
      from: { ...waits(4, at, "No program."), workload: states.running.workload },
      on: { type: "ended", at: at + 1 },
      ...{ does: "", to: { wake: waits(0, at, null).wake, usedAt: at + 1 } },
    },
  ],
  "a workload that exits": [
    {
      title: "by itself counts a try for messages in work",
      ...{ from: states.running, on: exited, does: "log container-ended, account: a try" },
      to: { workload: { is: "exited", run, why: null } },
    },
    {
      title: "after it was asked to stop counts no try for messages in work",
      ...{ from: states.stopping, on: exited, does: "log container-ended, account: no try" },
      to: { workload: { is: "exited", run, why: "asked" } },
    },
    {
      title: "after it was stuck counts a try for messages in work",
      ...{ from: states.stuck, on: exited, does: "log container-ended, account: a try" },
      to: { workload: { is: "exited", run: fresh, why: "stuck" } },
    },
    {
      title: "is followed by a pass once the rows are updated",
      ...{ from: states.exited, on: accounted, does: "reconcile", to: { workload: none } },
    },
    {
      title: "is not followed by a pass before that, because the messages are not due yet",
      ...{ from: states.exited, on: seen({ due: 1 }), does: "", to: { workload: states.exited.workload } },
    },
    {
      title: "at once, without any work done, counts as a failed start",
      ...{ from: states.exitedAtOnce, on: accounted },
      does: "reconcile in 2000 ms, log wake-failed, tell: its program ended at once (exit code 1): no such model, reconcile",
      to: { workload: none },
    },
    {
      title: "at once, but after it was asked to stop, does not count as a failed start",
      ...{
        from: states.exitedAsAsked,
        on: accounted,
        does: "reconcile",
        to: { workload: none, wake: idle.wake },
      },
    },
    {
      title: "of a closing session is followed by no other workload",
      ...{ from: states.closingExited, on: accounted, does: "", to: { workload: none } },
    },
    {
      title: "counts as working once a message of its agent was delivered",
      from: states.runningSinceNow,
      on: { type: "worked" },
      ...{ does: "", to: { workload: { is: "running", run: { ...fresh, hasWorked: true } } } },
    },
  ],
  "a workload that is to stop": [
    {
      title: "is asked, and has some time",
      ...{ from: states.running, on: { type: "stop-asked" }, does: "stop it" },
      to: { workload: { is: "stopping", run, why: "asked" } },
    },
    {
      title: "is stopped as soon as it runs, if it is still starting (seed restart 5, 6)",
      ...{ from: states.starting, on: { type: "stop-asked" }, does: "" },
      to: { workload: states.startingToStop.workload },
    },
    {
      title: "runs now, and was asked to stop while starting",
      ...{ from: states.startingToStop, on: started, does: "stop it" },
      to: {
        workload: {
          is: "stopping",
          run: { incarnation: 3, startedAt: at, hasWorked: false },
          why: "asked",
        },
      },
    },
    {
      title: "has exited already",
      ...{ from: states.exited, on: { type: "stop-asked" }, does: "", to: states.exited },
    },
    {
      title: "is another one than the running one",
      ...{ from: states.running, on: { type: "stop-asked", incarnation: 2 }, does: "", to: states.running },
    },
    {
      title: "is the running one",
      ...{ from: states.running, on: { type: "stop-asked", incarnation: 3 }, does: "stop it" },
      to: { workload: { is: "stopping", run, why: "asked" } },
    },
    {
      title: "is the starting one, and is counted",
      from: { ...idle, workload: { is: "starting", isStopAsked: false, incarnation: 3 } },
      on: { type: "stop-asked", incarnation: 3 },
      ...{ does: "", to: { workload: { is: "starting", isStopAsked: true, incarnation: 3 } } },
    },
    {
      title: "is not the starting one while that is not counted",
      ...{ from: states.starting, on: { type: "stop-asked", incarnation: 3 }, does: "", to: states.starting },
    },
    { title: "is not there", ...{ from: idle, on: { type: "stop-asked" }, does: "", to: idle } },
    {
      title: "because it is silent is stopped as stuck",
      from: { ...idle, workload: { is: "running", run: { ...run, startedAt: at - 3_600_000 } } },
      on: seen({ heartbeat: null }),
      ...{ does: "log container-stuck, stop it", to: {} },
    },
    {
      title: "is not stopped twice as stuck",
      ...{
        from: states.stuck,
        on: seen({ heartbeat: null }),
        does: "",
        to: { workload: states.stuck.workload },
      },
    },
  ],
  "a workload whose runner is of another version": [
    {
      title: "is asked to stop, and has some time",
      ...{ from: states.runningSinceNow, on: { type: "outdated", incarnation: 3 }, does: "stop it" },
      to: { workload: states.outdated.workload },
    },
    {
      title: "is another one than the running one",
      ...{ from: states.running, on: { type: "outdated", incarnation: 2 }, does: "", to: states.running },
    },
    {
      title: "counts no try for messages in work",
      ...{ from: states.outdated, on: exited, does: "log container-ended, account: no try" },
      to: { workload: states.exitedOutdated.workload },
    },
    {
      title: "and without any work done is replaced after a wait, and people are not told",
      ...{
        from: states.exitedOutdated,
        on: accounted,
        does: "reconcile in 2000 ms, log wake-failed, reconcile",
      },
      to: { workload: none, wake: expect.objectContaining({ failures: 1, told: null }) as never },
    },
    {
      title: "is reported the fifth time in a row",
      ...{ from: { ...states.exitedOutdated, wake: { ...idle.wake, failures: 4 } }, on: accounted },
      does: "reconcile in 32000 ms, log wake-failed, tell: its runner is of another version., reconcile",
      to: { wake: expect.objectContaining({ failures: 5 }) as never },
    },
    {
      title: "after some work is replaced at once, because its host has another build than before",
      from: { ...idle, workload: { is: "exited", run, why: "outdated" } },
      ...{ on: accounted, does: "reconcile", to: { workload: none, wake: idle.wake } },
    },
  ],
  "a workload without work": [
    {
      title: "is ended after half an hour",
      from: { ...states.running, usedAt: at - 1_800_000 },
      on: { type: "at-rest", at: at + 1_800_000 },
      does: "log container-idle, stop it",
      to: { workload: states.idleStopping.workload },
    },
    {
      title: "stays until then",
      ...{ from: states.running, on: { type: "at-rest", at: at + 1_700_000 }, does: "", to: states.running },
    },
    {
      title: "stays if it was started a short time ago",
      from: { ...states.runningSinceNow, usedAt: at - 7_200_000 },
      ...{ on: { type: "at-rest", at }, does: "", to: { workload: states.runningSinceNow.workload } },
    },
    {
      title: "that gets a message while it ends counts no try for it, and another takes it",
      ...{ from: states.idleStopping, on: exited, does: "log container-ended, account: no try" },
      to: { workload: { is: "exited", run, why: "idle" } },
    },
    {
      title: "and did nothing since its start is no failed start",
      from: { ...idle, workload: { is: "exited", run: fresh, why: "idle" } },
      ...{ on: accounted, does: "reconcile", to: { workload: none, wake: idle.wake } },
    },
    {
      title: "is not ended without one",
      ...{ from: idle, on: { type: "at-rest", at: at + 7_200_000 }, does: "", to: { workload: none } },
    },
  ],
  "a workload whose session has another model": [
    {
      title: "is looked at at once",
      ...{ from: states.running, on: { type: "rechosen", incarnation: 3 }, does: "reconcile" },
      to: { workload: rechosen },
    },
    {
      title: "stays if it is another one by now",
      ...{ from: states.running, on: { type: "rechosen", incarnation: 2 }, does: "", to: states.running },
    },
    {
      title: "ends its turn",
      from: { ...states.running, workload: rechosen },
      ...{ on: seen({ claims: [claim] }), does: "", to: { workload: rechosen } },
    },
    {
      title: "is stopped after its turn, also if a message is due",
      from: { ...states.running, workload: rechosen },
      ...{ on: seen({ due: 1 }), does: "log container-rechosen, stop it" },
      to: { workload: { ...rechosen, is: "stopping", why: "rechosen" } },
    },
    {
      title: "counts no try for a message that it has taken meanwhile",
      from: { ...idle, workload: { ...rechosen, is: "stopping", why: "rechosen" } },
      ...{ on: exited, does: "log container-ended, account: no try" },
      to: { workload: { ...rechosen, is: "exited", why: "rechosen" } },
    },
  ],
  "a session whose lease is lost": [
    {
      title: "writes nothing more, and leaves its workload to the next host (F22)",
      from: states.running,
      on: { type: "lost", why: "another host took it" },
      ...{ does: "log lease-lost, close, leave", to: { phase: "over" } },
    },
    {
      title: "kills a workload that was asked to stop",
      from: states.stopping,
      on: { type: "lost", why: "another host took it" },
      ...{ does: "log lease-lost, close, kill it", to: { phase: "over" } },
    },
    {
      title: "notices it by a refused write",
      from: states.running,
      on: { type: "refused", at, error: { code: "fenced", message: "a newer token" } },
      ...{ does: "log lease-lost, close, leave", to: { phase: "over" } },
    },
    {
      title: "kills a workload that starts afterwards",
      ...{ from: states.overStarting, on: started, does: "kill it", to: { phase: "over" } },
    },
    {
      title: "processes no exit",
      ...{ from: states.overRunning, on: exited, does: "log container-ended", to: { workload: none } },
    },
    {
      title: "reconciles nothing, starts nothing, tells nothing",
      ...{ from: states.over, on: seen({ due: 1 }), does: "", to: states.over },
    },
    {
      title: "is released silently if this host gives the lease back",
      ...{ from: idle, on: { type: "let-go" }, does: "close", to: { phase: "over" } },
    },
    {
      title: "is released with its workload if the agent is connected to another host",
      ...{ from: states.running, on: { type: "let-go" }, does: "close, leave", to: { phase: "over" } },
    },
  ],
  "rows that cannot be read": [
    {
      title: "are read again soon, which is logged",
      from: idle,
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      ...{ does: "log session-unread, reconcile in 50 ms", to: { unread: 1 } },
    },
    {
      title: "are read less and less often, which is logged once",
      from: { ...idle, unread: 3 },
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      ...{ does: "reconcile in 400 ms", to: { unread: 4 } },
    },
    {
      title: "are read every 30 s at last",
      from: { ...idle, unread: 40 },
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      ...{ does: "reconcile in 30000 ms", to: { unread: 41 } },
    },
    {
      title: "are not read any more if this side is closed",
      from: idle,
      on: { type: "refused", at, error: { code: "closed", message: "" } },
      ...{ does: "", to: { unread: 0 } },
    },
    {
      title: "are forgotten by the next successful pass",
      ...{ from: { ...idle, unread: 3, isWatched: true }, on: seen(), does: "" },
      to: { unread: 0, isWatched: false },
    },
  ],
};

describe.for(Object.entries(rows))("%s", ([, table]) => {
  test.for(table)("$title", ({ from, on, does, to }) => {
    expect(done(from, on)).toBe(does);
    expect(step(from, on, times).state).toMatchObject(to);
  });
});
