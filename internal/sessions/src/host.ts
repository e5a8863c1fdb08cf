import { randomUUID } from "node:crypto";
import { adoptRunning, goOnWith, lookAtAll, takeOverLost } from "./containers/adopt.ts";
import { coalesced } from "./coalesced.ts";
import type { HostContext, LoopContext } from "./context.ts";
import { heldSessions } from "./held/held-sessions.ts";
import { defaultTimes } from "./loop-times.ts";
import { lookIfChanged, lookOnce } from "./look.ts";
import { deliverAll } from "./delivery/deliver.ts";
import { deliverNotes } from "./delivery/notes.ts";
import { refreshChanged } from "./containers/refresh.ts";
import {
  endContainer,
  rebuildCarrier,
  restartCarrier,
  stopCarrier,
  wakeCarrier,
} from "./containers/restart.ts";
import type { SessionHost, SessionHostOptions } from "./session-host.ts";
import { takeMessage } from "./intake/take.ts";

/** Makes the host loop. It does nothing before `start`. */
export const sessionHost = (options: SessionHostOptions): SessionHost => {
  const context = contextOf(options);
  const { channels, held, phase, report, times } = context;
  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, work: () => Promise<void>): void => {
    const timer = setInterval(coalesced(work, report), ms);
    timer.unref();
    timers.push(timer);
  };
  const refresh = coalesced(refreshChanged(context), report);
  const take: SessionHost["take"] = async (message) => {
    if (phase.is === "closing") throw new Error("The host is closing.");
    if (message.answer === undefined) await takeMessage(context, message);
    else await context.answerCard?.(message);
  };
  return {
    start: async () => {
      if (context.isAlone === true) await voidLeases(context);
      every(times.leaseMs / 3, async () => {
        // One that nobody took is taken anew: what its container left in work is tried again.
        for (const id of await held.renew()) await goOnWith(context, id);
      });
      await adoptRunning(context);
      phase.is = "running";
      for (const session of held.all()) void session.look();
      void lookAtAll(context).catch(report);
      void refresh();
      every(times.sweepMs, () => sweep(context));
      every(times.tickMs, async () => {
        await context.lookForNotes();
        await takeOverLost(context);
      });
      for (const channel of channels) await channel.start(take);
    },
    take,
    carriers: {
      wake: wakeCarrier(context),
      restart: restartCarrier(context),
      rebuild: rebuildCarrier(context),
      stop: stopCarrier(context),
    },
    lookForNotes: context.lookForNotes,
    refresh,
    close: async () => {
      phase.is = "closing";
      for (const session of held.all()) session.isStopping = true;
      await Promise.all(held.all().map((session) => endContainer(context, session)));
      for (const timer of timers) clearInterval(timer);
      await refresh();
      await Promise.all(channels.map((channel) => channel.close()));
      await Promise.all(held.all().map(held.letGo));
    },
  };
};

const contextOf = (options: SessionHostOptions): LoopContext => {
  const host: HostContext = {
    ...options,
    now: () => new Date().toISOString(),
    newId: (prefix) => `${prefix}-${randomUUID()}`,
    times: { ...defaultTimes, ...options.times },
    phase: { is: "starting" },
  };
  const context: LoopContext = {
    ...host,
    held: heldSessions(host, {
      deliver: (session) => deliverAll(context, session),
      look: (session) => lookOnce(context, session),
    }),
    lookForNotes: coalesced(() => deliverNotes(context), options.report),
  };
  return context;
};

/** An earlier process of this host is gone: its leases would only keep its sessions waiting. */
const voidLeases = async ({ central, owner }: LoopContext): Promise<void> => {
  await central.db
    .updateTable("session_leases")
    .set({ expires_at: new Date(0).toISOString() })
    .where("owner", "!=", owner)
    .execute();
};

/** Looks at every held session, and lets those go that have nothing to do. */
const sweep = async (context: LoopContext): Promise<void> => {
  const { held, times } = context;
  for (const session of held.all()) {
    await lookIfChanged(context, session);
    const isIdle = session.run === null && session.waking === null && session.commands.size === 0;
    if (!isIdle || session.isOver || session.hasWork || Date.now() - session.usedAt < times.idleMs) continue;
    await held.letGo(session);
  }
};
