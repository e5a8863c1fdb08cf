import { describe, expect, test } from "vitest";
import { defaultTimes as times } from "../loop-times.ts";
import { leasedState, type Seen, type SessionEvent, type SessionState } from "./session-state.ts";
import { step } from "./step.ts";

const at = Date.parse("2026-11-20T12:00:00.000Z");
const idle: SessionState = { ...leasedState(7, at), hasWork: false, isWatched: false };
const run = { incarnation: 3, startedAt: at - 60_000, hasWorked: true };
const fresh = { ...run, startedAt: at - 100, hasWorked: false };

/** A session with this workload. */
const states = {
  idle,
  starting: { ...idle, workload: { is: "starting", isStopAsked: false, incarnation: null } },
  startingToStop: { ...idle, workload: { is: "starting", isStopAsked: true, incarnation: null } },
  running: { ...idle, workload: { is: "running", run } },
  runningSinceNow: { ...idle, workload: { is: "running", run: fresh } },
  stopping: { ...idle, workload: { is: "stopping", run, why: "asked" } },
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

/** The effects as words. */
const done = (state: SessionState, event: SessionEvent): string =>
  step(state, event, times)
    .effects.map((effect) => {
      switch (effect.do) {
        case "kill":
          return effect.isGraceful ? "stop it" : "kill it";
        case "reconcile-at":
          return `look in ${effect.at - at} ms`;
        case "log":
          return `log ${effect.event}`;
        case "account":
          return effect.isInterrupted ? "account: no try" : "account: a try";
        case "tell-failed-wake":
          return `tell${effect.isNew ? "" : " again"}: ${effect.reason}`;
        case "tell-waiting":
          return `tell who wrote since: ${effect.reason}`;
        case "reconcile":
          return "look";
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
  /** Part of the state that follows. */
  readonly to: Partial<SessionState>;
};

const none = { is: "none" } as const;

const rows: Readonly<Record<string, readonly Row[]>> = {
  "starting a workload": [
    {
      title: "a message that is due starts one",
      ...{ from: idle, on: seen({ due: 1 }), does: "start" },
      to: { workload: states.starting.workload, hasWork: true },
    },
    {
      title: "context alone starts none",
      ...{ from: idle, on: seen(), does: "", to: { workload: none, hasWork: false } },
    },
    {
      title: "a second message while it starts starts no second one (cases 2, 23)",
      ...{
        from: states.starting,
        on: seen({ due: 2 }),
        does: "",
        to: { workload: states.starting.workload },
      },
    },
    {
      title: "one that runs gets the message by itself",
      ...{ from: states.running, on: seen({ due: 1 }), does: "", to: { workload: states.running.workload } },
    },
    {
      title: "a message for later is looked at then",
      from: idle,
      on: seen({ nextDueAt: new Date(at + 5_000).toISOString() }),
      ...{ does: "look in 5000 ms", to: { hasWork: true, workload: none } },
    },
    {
      title: "a host that starts or closes starts no workload",
      ...{ from: idle, on: seen({ due: 1 }, false), does: "", to: { workload: none } },
    },
    {
      title: "a session that is being closed starts none (cases 5, 75, 76)",
      ...{ from: states.closing, on: seen({ due: 1 }), does: "", to: { workload: none } },
    },
    {
      title: "a command starts one with nothing due, and before the next try",
      from: waits(2, at + 4_000, "No program."),
      on: { type: "wake-asked", mayStart: true },
      does: "start",
      to: { wake: { failures: 2, notBefore: 0, failure: null, told: null } },
    },
  ],
  "a workload that is counted": [
    {
      title: "is known before it has started",
      ...{ from: states.starting, on: { type: "counted", incarnation: 3 }, does: "" },
      to: { workload: { is: "starting", isStopAsked: false, incarnation: 3 } },
    },
  ],
  "a start that fails": [
    {
      title: "is told with its reason, and tried again",
      ...{ from: states.starting, on: notStarted },
      does: "look in 2000 ms, log wake-failed, tell: No program.",
      to: { workload: none, wake: waits(1, at + 2_000, "No program.").wake },
    },
    {
      title: "a second time waits twice as long, and is told to nobody twice",
      from: { ...waits(1, at, "No program."), workload: states.starting.workload },
      on: notStarted,
      does: "look in 4000 ms, log wake-failed, tell again: No program.",
      to: { wake: waits(2, at + 4_000, "No program.").wake },
    },
    {
      title: "by a signal is tried again, and told to nobody yet",
      ...{ from: states.exitedAtOnce, on: killed },
      does: "look in 2000 ms, log wake-failed, look",
      to: { wake: expect.objectContaining({ failures: 1, told: null }) as never },
    },
    {
      title: "by a signal the fifth time is told",
      ...{ from: { ...states.exitedAtOnce, wake: { ...idle.wake, failures: 4 } }, on: killed },
      does: "look in 32000 ms, log wake-failed, tell: its program ended at once (SIGKILL): no such model, look",
      to: { wake: expect.objectContaining({ failures: 5 }) as never },
    },
    {
      title: "of a session that is another host's by now is not told",
      from: states.starting,
      on: { type: "not-started", at, failure: null },
      ...{ does: "", to: { workload: none, wake: idle.wake } },
    },
    {
      title: "keeps who writes meanwhile waiting, and tells them why",
      from: waits(1, at + 1_500, "No program."),
      on: seen({ due: 1 }),
      does: "look in 1500 ms, tell who wrote since: No program.",
      to: { workload: none },
    },
    {
      title: "is tried again at its time",
      from: waits(1, at, "No program."),
      on: seen({ due: 1 }),
      ...{ does: "start", to: { workload: states.starting.workload } },
    },
    {
      title: "is tried at once where the configuration has changed",
      from: waits(3, at + 8_000, "No program."),
      on: { type: "configured" },
      ...{ does: "look", to: { wake: waits(3, 0, "No program.").wake } },
    },
    {
      title: "is forgotten once an agent is done with a message",
      from: { ...waits(4, at, "No program."), workload: states.running.workload },
      on: { type: "ended", at: at + 1 },
      ...{ does: "", to: { wake: waits(0, at, null).wake, usedAt: at + 1 } },
    },
  ],
  "a workload that exits": [
    {
      title: "by itself leaves what it had in work, as a try",
      ...{ from: states.running, on: exited, does: "log container-ended, account: a try" },
      to: { workload: { is: "exited", run, why: null } },
    },
    {
      title: "because it was asked to leaves it as no try",
      ...{ from: states.stopping, on: exited, does: "log container-ended, account: no try" },
      to: { workload: { is: "exited", run, why: "asked" } },
    },
    {
      title: "because it was stuck leaves it as a try",
      ...{ from: states.stuck, on: exited, does: "log container-ended, account: a try" },
      to: { workload: { is: "exited", run: fresh, why: "stuck" } },
    },
    {
      title: "is followed by a look once the rows know of it",
      ...{ from: states.exited, on: accounted, does: "look", to: { workload: none } },
    },
    {
      title: "is followed by none before: the messages are not due yet",
      ...{ from: states.exited, on: seen({ due: 1 }), does: "", to: { workload: states.exited.workload } },
    },
    {
      title: "at once, with nothing done, could not start",
      ...{ from: states.exitedAtOnce, on: accounted },
      does: "look in 2000 ms, log wake-failed, tell: its program ended at once (exit code 1): no such model, look",
      to: { workload: none },
    },
    {
      title: "at once, but asked to, could start",
      ...{ from: states.exitedAsAsked, on: accounted, does: "look", to: { workload: none, wake: idle.wake } },
    },
    {
      title: "of a closing session is followed by no other one",
      ...{ from: states.closingExited, on: accounted, does: "", to: { workload: none } },
    },
    {
      title: "has worked once a message of its agent was delivered",
      from: states.runningSinceNow,
      on: { type: "worked" },
      ...{ does: "", to: { workload: { is: "running", run: { ...fresh, hasWorked: true } } } },
    },
  ],
  "a workload that is to stop": [
    {
      title: "is asked, and has a moment",
      ...{ from: states.running, on: { type: "stop-asked" }, does: "stop it" },
      to: { workload: { is: "stopping", run, why: "asked" } },
    },
    {
      title: "is stopped once it runs, where it only starts (seed restart 5, 6)",
      ...{ from: states.starting, on: { type: "stop-asked" }, does: "" },
      to: { workload: states.startingToStop.workload },
    },
    {
      title: "runs, and was to stop before",
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
      title: "is not the one that runs by now",
      ...{ from: states.running, on: { type: "stop-asked", incarnation: 2 }, does: "", to: states.running },
    },
    {
      title: "is the one that runs",
      ...{ from: states.running, on: { type: "stop-asked", incarnation: 3 }, does: "stop it" },
      to: { workload: { is: "stopping", run, why: "asked" } },
    },
    {
      title: "is the one that starts, and is counted",
      from: { ...idle, workload: { is: "starting", isStopAsked: false, incarnation: 3 } },
      on: { type: "stop-asked", incarnation: 3 },
      ...{ does: "", to: { workload: { is: "starting", isStopAsked: true, incarnation: 3 } } },
    },
    {
      title: "is not one that is not counted yet",
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
      title: "is asked to stop, and has a moment",
      ...{ from: states.runningSinceNow, on: { type: "outdated", incarnation: 3 }, does: "stop it" },
      to: { workload: states.outdated.workload },
    },
    {
      title: "is not the one that runs by now",
      ...{ from: states.running, on: { type: "outdated", incarnation: 2 }, does: "", to: states.running },
    },
    {
      title: "leaves what it had in work as no try",
      ...{ from: states.outdated, on: exited, does: "log container-ended, account: no try" },
      to: { workload: states.exitedOutdated.workload },
    },
    {
      title: "and had done nothing is followed by another one after a wait, and nobody is told",
      ...{ from: states.exitedOutdated, on: accounted, does: "look in 2000 ms, log wake-failed, look" },
      to: { workload: none, wake: expect.objectContaining({ failures: 1, told: null }) as never },
    },
    {
      title: "the fifth time in a row is told",
      ...{ from: { ...states.exitedOutdated, wake: { ...idle.wake, failures: 4 } }, on: accounted },
      does: "look in 32000 ms, log wake-failed, tell: its runner is of another version., look",
      to: { wake: expect.objectContaining({ failures: 5 }) as never },
    },
    {
      title: "and had worked is followed by another one at once: its host is of another build than before",
      from: { ...idle, workload: { is: "exited", run, why: "outdated" } },
      ...{ on: accounted, does: "look", to: { workload: none, wake: idle.wake } },
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
      title: "kills a workload that was to stop",
      from: states.stopping,
      on: { type: "lost", why: "another host took it" },
      ...{ does: "log lease-lost, close, kill it", to: { phase: "over" } },
    },
    {
      title: "learns it by a refused write",
      from: states.running,
      on: { type: "refused", at, error: { code: "fenced", message: "a newer token" } },
      ...{ does: "log lease-lost, close, leave", to: { phase: "over" } },
    },
    {
      title: "kills a workload that comes up afterwards",
      ...{ from: states.overStarting, on: started, does: "kill it", to: { phase: "over" } },
    },
    {
      title: "accounts for no exit",
      ...{ from: states.overRunning, on: exited, does: "log container-ended", to: { workload: none } },
    },
    {
      title: "looks at nothing, starts nothing, tells nothing",
      ...{ from: states.over, on: seen({ due: 1 }), does: "", to: states.over },
    },
    {
      title: "is let go without a word where this host gives it back",
      ...{ from: idle, on: { type: "let-go" }, does: "close", to: { phase: "over" } },
    },
    {
      title: "is let go with its workload where its agent is connected to another host",
      ...{ from: states.running, on: { type: "let-go" }, does: "close, leave", to: { phase: "over" } },
    },
  ],
  "rows that cannot be read": [
    {
      title: "are read again soon, and it is logged",
      from: idle,
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      ...{ does: "log session-unread, look in 50 ms", to: { unread: 1 } },
    },
    {
      title: "are read less and less often, and it is logged once",
      from: { ...idle, unread: 3 },
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      ...{ does: "look in 400 ms", to: { unread: 4 } },
    },
    {
      title: "are read every 30 s in the end",
      from: { ...idle, unread: 40 },
      on: { type: "refused", at, error: { code: "unwritable", message: "busy" } },
      ...{ does: "look in 30000 ms", to: { unread: 41 } },
    },
    {
      title: "because this side is closed are read no more",
      from: idle,
      on: { type: "refused", at, error: { code: "closed", message: "" } },
      ...{ does: "", to: { unread: 0 } },
    },
    {
      title: "are forgotten at the next look that ends well",
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
