import { randomUUID } from "node:crypto";
import { noteChange, voidLeases } from "@gatehouse/control-plane";
import { adoptRunning, lookAtAll, takeAnew, takeOverLost } from "./containers/adopt.ts";
import { letGoWanted } from "./containers/wanted.ts";
import { changesElsewhere } from "./changes-elsewhere.ts";
import { coalesced } from "./coalesced.ts";
import type { HostContext, LoopContext } from "./context.ts";
import { heldSessions } from "./held/held-sessions.ts";
import { defaultTimes } from "./loop-times.ts";
import type { HeldSession } from "./held/held-session.ts";
import { perform } from "./lifecycle/perform.ts";
import { forgetOldMessages } from "./forget-old-messages.ts";
import { lookIfChanged, lookOnce } from "./look.ts";
import { safeLog } from "./safe-log.ts";
import { deliverAll } from "./delivery/deliver.ts";
import { deliverNotes, deliverNotesTo } from "./delivery/notes.ts";
import { clearOutbox } from "./files/outbox-files.ts";
import { refreshChanged } from "./containers/refresh.ts";
import { takeOverFiles } from "./containers/take-over-files.ts";
import { resume } from "./containers/follow-connection.ts";
import { endSuperseded, remoteReference } from "./containers/left-workloads.ts";
import { supersede } from "./containers/supersede.ts";
import { endContainer } from "./containers/restart.ts";
import { sessionCarriers } from "./containers/session-carriers.ts";
import { sessionSignals } from "@nc/session-db/node";
import type { SessionHost, SessionHostOptions } from "./session-host.ts";
import { serveAgents, type AgentServer } from "./serve-agents.ts";
import { releaseHeld } from "./intake/release-held.ts";
import { takeMessage } from "./intake/take.ts";

/** Makes the host loop. It does nothing before `start`. */
export const sessionHost = (options: SessionHostOptions): SessionHost => {
  const context = contextOf(options);
  const { channels, held, phase, report, times } = context;
  const work = recurring(report);
  const { noted, every, end } = work;
  let agents: AgentServer | null = null;
  const refreshAll = coalesced(refreshChanged(context), report);
  const take: SessionHost["take"] = async (message) => {
    if (phase.is === "closing") throw new Error("The host is closing.");
    if (message.answer === undefined) await takeMessage(context, message);
    else await context.answerCard?.(message);
  };
  return {
    start: async () => {
      const { central, owner, ownerPrefix, isAlone } = context;
      agents = await serveAgents(context);
      if (isAlone) await voidLeases(central.beside, { except: owner });
      else if (ownerPrefix !== undefined)
        await voidLeases(central.beside, { except: owner, prefix: ownerPrefix });
      every(times.leaseMs / 3, async () => {
        const lost = await held.renew();
        // Beside it: a container that ends or starts slowly must not delay the next renewal of all the others.
        void noted(takeAnew(context, lost).catch(report));
      });
      await takeOverFiles(context);
      await adoptRunning(context);
      phase.is = "running";
      goOn(context, work, refreshAll);
      for (const channel of channels) await channel.start(take);
    },
    take,
    carriers: sessionCarriers(context),
    lookForNotes: context.lookForNotes,
    refresh: () => noted(refreshEverywhere(context, refreshAll)),
    close: async () => {
      phase.is = "closing";
      agents?.drain();
      for (const session of held.all()) void session.tell({ type: "closing" }).catch(report);
      // What cannot be ended is reported, and keeps its record. The rest is closed all the same.
      const all = (parts: readonly Promise<unknown>[]) =>
        Promise.all(parts.map((part) => part.catch(report)));
      await all(
        held
          .all()
          .filter(runsHere)
          .map((session) => endContainer(session)),
      );
      await all([end()]);
      await all(channels.map((channel) => channel.close()));
      await agents?.close();
      // Another host looks whether they have work that is due later.
      await all(held.all().map((session) => held.letGo(session, true)));
    },
  };
};

/** Looks at everything once, and again and again from now on. */
const goOn = (context: LoopContext, { noted, every }: Recurring, refreshAll: () => Promise<void>): void => {
  const { held, report, times, isAlone } = context;
  for (const session of held.all()) void session.look();
  void lookAtAll(context).catch(report);
  void noted(refreshAll());
  every(times.sweepMs, () => sweep(context));
  if (!isAlone) every(times.askedMs, answerOthers(context, refreshAll));
  every(times.tickMs, context.lookForNotes);
  every(times.forgetMs, () => forgetOldMessages(context));
  void noted(forgetOldMessages(context).catch(report));
  // By itself: a session that another host lost must not wait for anything else.
  if (!isAlone) every(times.askedMs, () => takeOverLost(context));
};

type Recurring = ReturnType<typeof recurring>;

/** What is done again and again. The database is open until `end` has resolved. */
const recurring = (report: (error: unknown) => void) => {
  const timers: NodeJS.Timeout[] = [];
  const underWay = new Set<Promise<void>>();
  const noted = (work: Promise<void>): Promise<void> => {
    const done = work.finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };
  return {
    /** Has `end` wait for it. */
    noted,
    every: (ms: number, work: () => Promise<void>): void => {
      const run = coalesced(work, report);
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

const contextOf = (options: SessionHostOptions): LoopContext => {
  const host: HostContext = {
    ...options,
    log: safeLog(options.log),
    now: () => new Date().toISOString(),
    newId: (prefix) => `${prefix}-${randomUUID()}`,
    times: { ...defaultTimes, ...options.times },
    signals: options.signals ?? sessionSignals(),
    dial: options.dial ?? { address: `unix:${options.runnersSocket}`, pin: null },
    phase: { is: "starting" },
  };
  const context: LoopContext = {
    ...host,
    left: new Map(),
    connected: new Map(),
    passedOn: new Map(),
    warnedOfChats: new Map(),
    heldBack: new Map(),
    held: heldSessions(host, {
      collect: async (session) => {
        if (!(await resume(context, session))) await supersede(context, session);
        await deliverNotesTo(context, session);
      },
      deliver: (session) => deliverAll(context, session),
      look: (session) => lookOnce(context, session),
      perform: (session, effect) => perform(context, session, effect),
    }),
    lookForNotes: coalesced(async () => {
      await deliverNotes(context);
      await releaseHeld(context);
    }, options.report),
  };
  return context;
};

/** Other hosts look for changes themselves, once they are noted. */
const refreshEverywhere = async (
  { isAlone, central, report }: LoopContext,
  refreshHere: () => Promise<void>,
): Promise<void> => {
  if (!isAlone) await noteChange(central.beside).catch(report);
  await refreshHere();
};

/** What other hosts ask of this one: to let sessions go, to pass messages on, to follow their changes. */
const answerOthers = (context: LoopContext, refresh: () => Promise<void>): (() => Promise<void>) => {
  const changes = changesElsewhere(context, refresh);
  return async () => {
    await letGoWanted(context);
    await endSuperseded(context);
    await context.lookForNotes();
    await changes.look();
  };
};

/** Looks at every held session, and lets those go that have nothing to do. */
const sweep = async (context: LoopContext): Promise<void> => {
  const { held, phase, times } = context;
  await endSuperseded(context);
  for (const session of held.all()) {
    if (phase.is === "closing") return;
    await lookIfChanged(context, session);
    if (!isIdle(session) || Date.now() - session.state().usedAt < times.idleMs) continue;
    if (!(await clearOutbox(context, session))) continue;
    await held.letGo(session);
  }
};

/** A workload that another host runs goes on: its agent dials the next host. */
const runsHere = ({ container }: HeldSession): boolean => container?.reference !== remoteReference;

const isIdle = ({ state, outbox }: HeldSession): boolean => {
  const { phase, workload, hasWork } = state();
  return phase !== "over" && workload.is === "none" && !hasWork && outbox.commands.size === 0;
};
