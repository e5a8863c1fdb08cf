import { randomUUID } from "node:crypto";
import type { AgentServer } from "@gatehouse/wire";
import { changesNoted, noteChange, voidLeases, sessionSignals } from "@gatehouse/session-rows";
import { leaseAndReconcile, reconcileAll, leaseAgain, takeOverLost } from "./containers/adopt.ts";
import { followRuntime } from "./containers/follow-runtime.ts";
import { followHosts } from "./containers/follow-hosts.ts";
import { followWanted } from "./containers/follow-wanted.ts";
import { coalesced } from "@gatehouse/std";
import type { HostContext, LoopContext } from "./context.ts";
import { leasedSessions } from "./leased/leased-sessions.ts";
import { aloneLeaseMs, defaultTimes } from "./loop-times.ts";
import type { LeasedSession } from "./leased/leased-session.ts";
import { perform } from "./lifecycle/perform.ts";
import { retries } from "./lifecycle/retries.ts";
import { fireTasks } from "./fire-tasks.ts";
import { forgetOldMessages } from "./forget-old-messages.ts";
import { reconcileIfChanged, reconcileSession } from "./reconcile.ts";
import { safeLog } from "./safe-log.ts";
import { watchDisk } from "./disk/watch-disk.ts";
import { deliverAll } from "./delivery/deliver.ts";
import { vendorWaitTeller } from "./delivery/tell-vendor-waits.ts";
import { clearOutbox } from "./files/outbox-files.ts";
import { refreshChanged } from "./containers/refresh.ts";
import { resume, supersede } from "./containers/follow-connection.ts";
import { endUnowned } from "./containers/end-unowned.ts";
import { killSuperseded, remoteReference } from "./containers/left-workloads.ts";
import { closeEndedTask, stopContainer } from "./containers/restart.ts";
import { sessionHandlers } from "./containers/session-handlers.ts";
import type { SessionHost, SessionHostOptions } from "./session-host.ts";
import { serveSessions } from "./serve-sessions.ts";
import { awakeClock } from "./lifecycle/judge.ts";
import { receiveMessage } from "./intake/receive.ts";

/** Interval of the checks whether this process was stopped, ms. */
const awakeMs = 1_000;

/** Makes the host loop. It does nothing before `start`. */
export const sessionHost = (options: SessionHostOptions): SessionHost => {
  const closing = new AbortController();
  const context = contextOf(options, closing.signal);
  const { channels, leased, phase, report, times } = context;
  const work = recurring(report);
  const { noted, every, end } = work;
  let agents: AgentServer | null = null;
  const { run: refreshAll } = coalesced(refreshChanged(context), report);
  const { run: lookAtTasks } = coalesced(
    fireTasks(context, () => void noted(lookAtTasks())),
    report,
  );
  const receive: SessionHost["receive"] = async (message) => {
    if (phase.is === "closing") throw new Error("The host is closing.");
    if (message.answer === undefined) await receiveMessage(context, message);
    else await context.answerCard?.(message);
  };
  return {
    start: async () => {
      const { central, owner, ownerPrefix, isAlone } = context;
      agents = await serveSessions(context);
      if (isAlone) await voidLeases(central.loop, { except: owner });
      else if (ownerPrefix !== undefined)
        await voidLeases(central.loop, { except: owner, prefix: ownerPrefix });
      every(times.leaseMs / 3, async () => {
        const lost = await leased.renew();
        // Not awaited: a container that stops or starts slowly must not delay the next renewal of all other
        // leases.
        void noted(leaseAgain(context, lost).catch(report));
      });
      every(awakeMs, async () => void context.awakeSince());
      const lookAtDisk = watchDisk(context);
      await lookAtDisk();
      every(times.diskMs, lookAtDisk);
      const look = followRuntime(context, () => startPeriodicWork(context, work, refreshAll));
      await look();
      // A timer of its own: an engine may take long to answer.
      every(times.engineMs, look);
      // People and other hosts are answered also while the runtime is away.
      every(times.tickMs, context.followApprovals);
      every(times.tickMs, lookAtTasks);
      void noted(lookAtTasks());
      if (!isAlone) every(times.askedMs, answerOthers(context, refreshAll));
      for (const channel of channels) await channel.start(receive);
    },
    receive,
    handlers: sessionHandlers(context),
    followApprovals: context.followApprovals,
    refresh: async () => {
      context.asked?.();
      await Promise.all([
        noted(context.followApprovals()),
        noted(refreshEverywhere(context, refreshAll)),
        noted(lookAtTasks()),
      ]);
    },
    close: async ({ leaveAgents = false } = {}) => {
      phase.is = "closing";
      closing.abort();
      if (!leaveAgents) agents?.drain();
      for (const session of leased.all()) void session.dispatch({ type: "closing" }).catch(report);
      // An error of one part is reported, and the other parts are still closed. A container that cannot be
      // stopped keeps its record.
      const all = (parts: readonly Promise<unknown>[]) =>
        Promise.all(parts.map((part) => part.catch(report)));
      await all(
        leaveAgents
          ? leased.all().map(hasStarted)
          : leased
              .all()
              .filter(runsHere)
              .map((session) => stopContainer(session)),
      );
      await all([end()]);
      await all(channels.map((channel) => channel.close()));
      await agents?.close();
      // With `hasWork`, so that another host checks them for work that is due later.
      await all(leased.all().map((session) => leased.release(session, true)));
    },
  };
};

/** Reconciles all sessions once, then starts the periodic work. */
const startPeriodicWork = (
  context: LoopContext,
  { noted, every }: Recurring,
  refreshAll: () => Promise<void>,
): void => {
  const { leased, report, times, isAlone } = context;
  for (const session of leased.all()) void session.reconcile();
  void reconcileAll(context).catch(report);
  void noted(refreshAll());
  every(times.sweepMs, () => sweep(context));
  // A timer of its own: an engine may take long to answer.
  every(times.sweepMs, endUnowned(context));
  every(times.vendorWaitMs / 4, vendorWaitTeller(context));
  every(times.forgetMs, () => forgetOldMessages(context));
  void noted(forgetOldMessages(context).catch(report));
  // A timer of its own: a session that another host lost must not wait for other work.
  if (isAlone) return;
  every(times.hostsMs, followHosts(context));
  every(times.askedMs, () => takeOverLost(context));
};

type Recurring = ReturnType<typeof recurring>;

/** Runs periodic work. The database must stay open until `end` has resolved. */
const recurring = (report: (error: unknown) => void) => {
  const timers: NodeJS.Timeout[] = [];
  const underWay = new Set<Promise<void>>();
  const noted = (work: Promise<void>): Promise<void> => {
    const done = work.finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };
  return {
    /** Makes `end` wait for this work. */
    noted,
    every: (ms: number, work: () => Promise<void>): void => {
      const { run } = coalesced(work, report);
      const timer = setInterval(() => void noted(run()), ms);
      timer.unref();
      timers.push(timer);
    },
    end: async (): Promise<void> => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(underWay);
    },
  };
};

const contextOf = (options: SessionHostOptions, closing: AbortSignal): LoopContext => {
  const host: HostContext = {
    ...options,
    log: safeLog(options.log),
    now: () => new Date().toISOString(),
    awakeSince: awakeClock(() => Date.now()),
    newId: (prefix) => `${prefix}-${randomUUID()}`,
    times: { ...defaultTimes, ...(options.isAlone ? { leaseMs: aloneLeaseMs } : {}), ...options.times },
    signals: options.signals ?? sessionSignals(),
    phase: { is: "starting" },
    closing,
  };
  const context: LoopContext = {
    ...host,
    left: new Map(),
    away: { reason: null },
    disk: { groups: new Map(), all: null },
    connected: new Map(),
    passedOn: new Map(),
    warnedOfChats: new Map(),
    takeOverRetries: retries(host.times.wakeRetryMs),
    leased: leasedSessions(host, {
      // An agent that an earlier host left is followed, or superseded.
      settle: async (session) => {
        if (!(await resume(context, session))) await supersede(context, session);
      },
      deliver: (session) => deliverAll(context, session),
      reconcile: (session) => reconcileSession(context, session),
      perform: (session, effect) => perform(context, session, effect),
    }),
    lookAt: (sessionId) => {
      const looked = context.leased.get(sessionId)?.reconcile() ?? leaseAndReconcile(context, sessionId);
      looked.catch(context.report);
    },
    followApprovals: coalesced(async () => {
      await followWanted(context);
      if (context.isAlone) await takeOverLost(context);
      for (const channel of context.channels) await channel.questionsAnswered();
    }, options.report).run,
  };
  return context;
};

/** Updates the agents of this host, and notes the change for other hosts, which check for it themselves. */
const refreshEverywhere = async (
  { isAlone, central, report }: LoopContext,
  refreshHere: () => Promise<void>,
): Promise<void> => {
  if (!isAlone) await noteChange(central.loop).catch(report);
  await refreshHere();
};

/**
 * Returns a function that handles requests of other hosts: to release sessions, to pass messages on, and to update
 * agents after a command on another host. Its first call only stores the count of such commands.
 */
const answerOthers = (context: LoopContext, refresh: () => Promise<void>): (() => Promise<void>) => {
  let seen: number | null = null;
  return async () => {
    await killSuperseded(context);
    await context.followApprovals();
    const before = seen;
    seen = await changesNoted(context.central.reading);
    if (before === null || before === seen) return;
    context.asked?.();
    await refresh();
  };
};

/** Reconciles every leased session, and releases the idle ones, or closes them if their task has ended. */
const sweep = async (context: LoopContext): Promise<void> => {
  const { leased, phase, times } = context;
  await killSuperseded(context);
  for (const session of leased.all()) {
    if (phase.is === "closing") return;
    await reconcileIfChanged(context, session);
    if (!isIdle(session) || Date.now() - session.state().usedAt < times.idleMs) continue;
    if (!(await clearOutbox(context, session)) || !isIdle(session)) continue;
    if (await closeEndedTask(context, session)) continue;
    if (!(await leased.releaseIdle(session))) await leaseAndReconcile(context, session.id);
  }
};

/** False for a workload that another host runs. That workload runs on, and its agent connects to the next host. */
const runsHere = ({ container }: LeasedSession): boolean => container?.reference !== remoteReference;

/** Resolves when no container of the session is being started. One that starts after the release would be killed. */
const hasStarted = (session: LeasedSession): Promise<void> =>
  session.when(({ workload, phase }) => workload.is !== "starting" || phase === "over");

const isIdle = (session: LeasedSession): boolean => {
  const { phase, workload, hasWork } = session.state();
  const isSeen = !hasWork && !session.hasUnread;
  return phase !== "over" && workload.is === "none" && isSeen && session.outbox.commands.size === 0;
};
