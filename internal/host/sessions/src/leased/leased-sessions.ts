import { pause } from "@gatehouse/fs-kit";
import {
  giveBackIdle,
  giveBackLease,
  renewLeases,
  takeLease,
  wantSession,
  hasSession,
  openHostSide,
  type HeldLease,
} from "@gatehouse/session-rows";
import { sessionFolder } from "@gatehouse/workloads";
import { coalesced } from "@gatehouse/std";
import type { HostContext } from "../context.ts";
import { emptyOutbox } from "../delivery/outbox.ts";
import { showWriting } from "../delivery/show-writing.ts";
import { sessionMachine } from "../lifecycle/session-machine.ts";
import { leasedState, type Effect } from "../lifecycle/session-state.ts";
import { reconcileSchedule } from "./reconcile-schedule.ts";
import { isOver, type LeasedSession, type LeasedSessions } from "./leased-session.ts";
import { isDeleted, sessionFacts } from "./session-facts.ts";

/** Pause between two tries to take a lease that another host has, ms. */
const againMs = 250;

export const leasedSessions = (context: HostContext, work: Work): LeasedSessions => {
  const { central, owner, times, isAlone } = context;
  const leased = new Map<string, LeasedSession>();
  const opening = new Map<string, Promise<LeasedSession | null | "leasedByOtherHost">>();

  const open = async (sessionId: string): Promise<LeasedSession | null | "leasedByOtherHost"> => {
    const session = await openSession(context, performing, sessionId);
    if (session === null || session === "leasedByOtherHost") return session;
    leased.set(sessionId, session);
    try {
      // The agent and the notes that an earlier host left come before the message for which it is opened.
      await work.settle(session);
    } catch (error) {
      // Otherwise this host would renew the lease of a session that it never began to work on.
      if (!isAlone) await release(session, true).catch(context.report);
      throw error;
    }
    return session;
  };
  const tryOpen = (sessionId: string): Promise<LeasedSession | null | "leasedByOtherHost"> => {
    // A session is in `leased` before it is settled. Until then it looks as if no container of it runs.
    const joined = opening.get(sessionId);
    if (joined !== undefined) return joined;
    const there = leased.get(sessionId);
    if (there !== undefined) {
      return there.dispatch({ type: "used", at: Date.now() }).then(() => there);
    }
    const begun = open(sessionId).finally(() => opening.delete(sessionId));
    opening.set(sessionId, begun);
    return begun;
  };
  const release: LeasedSessions["release"] = async (session, hasWork = false) => {
    await session.dispatch({ type: "released" });
    await giveBackLease(central.loop, session.id, session.lease.token, { hasWork });
  };
  const close = async (session: LeasedSession): Promise<void> => {
    session.schedule.stop();
    if (leased.get(session.id) === session) leased.delete(session.id);
    session.side.close();
  };
  const performing: Performing = {
    ...work,
    // A pass before the session is settled would start a second container.
    reconcile: async (session) => {
      await opening.get(session.id)?.catch(() => null);
      await work.reconcile(session);
    },
    perform: (session, effect) => (effect.do === "close" ? close(session) : work.perform(session, effect)),
  };
  return {
    lease: (sessionId) => leaseWhenFree(context, sessionId, tryOpen),
    open: tryOpen,
    tryLease: (sessionId) =>
      tryOpen(sessionId).then((session) => (session === "leasedByOtherHost" ? null : session)),
    openDeleted: (sessionId, groupId) => openDeleted(context, performing, { sessionId, groupId }),
    get: (sessionId) => leased.get(sessionId),
    all: () => [...leased.values()],
    release,
    releaseIdle: async (session) => {
      await session.dispatch({ type: "released" });
      return giveBackIdle(central.loop, session.lease, session.readTo);
    },
    renew: async () => {
      const before = [...leased.values()];
      return notAmong(before, await renewLeases(central.loop, owner, times.leaseMs, { isAlone }));
    },
  };
};

/** Asks the host with the lease to release the session, and retries until it has. */
const leaseWhenFree = async (
  { central, owner, phase }: HostContext,
  sessionId: string,
  tryOpen: LeasedSessions["open"],
): Promise<LeasedSession | null> => {
  for (;;) {
    const session = await tryOpen(sessionId);
    if (session !== "leasedByOtherHost") return session;
    if (phase.is === "closing") throw new Error("The host is closing.");
    await wantSession(central.loop, { sessionId, owner, purpose: "stop" });
    await pause(againMs);
  }
};

const notAmong = (
  sessions: readonly LeasedSession[],
  leases: readonly HeldLease[],
): readonly LeasedSession[] => {
  const tokens = new Map(leases.map(({ sessionId, token }) => [sessionId, token]));
  return sessions.filter((session) => !isOver(session) && tokens.get(session.id) !== session.lease.token);
};

/** `settle` must not await `open` or `reconcile`: both await `settle`. */
type Work = Readonly<
  Record<"settle" | "deliver" | "reconcile", (session: LeasedSession) => Promise<void>>
> & {
  readonly perform: (session: LeasedSession, effect: Exclude<Effect, Close>) => Promise<void>;
};

type Close = { readonly do: "close" };

type Performing = Pick<Work, "deliver" | "reconcile"> & {
  readonly perform: (session: LeasedSession, effect: Effect) => Promise<void>;
};

/** Takes the lease and opens the rows. Null if the session is closed or gone. */
const openSession = async (
  context: HostContext,
  work: Performing,
  sessionId: string,
): Promise<LeasedSession | null | "leasedByOtherHost"> => {
  const { central, owner, times } = context;
  const lease = await takeLease(central.loop, { sessionId, owner, ttlMs: times.leaseMs });
  if (!lease.ok) return lease.error.code === "held" ? "leasedByOtherHost" : null;
  const facts = await sessionFacts(central.loop, sessionId).catch(async (error: unknown) => {
    // The next look of a host takes it again.
    await giveBackLease(central.loop, sessionId, lease.value.token, { hasWork: true }).catch(context.report);
    throw error;
  });
  if (facts === null || facts.status !== "active") {
    await giveBackLease(central.loop, sessionId, lease.value.token);
    return null;
  }
  const session = openRows(context, work, { groupId: facts.group.id, lease: lease.value });
  session.side.onChange(session.schedule.soon);
  session.side.onProgress(showWriting(context, session));
  return session;
};

/**
 * Higher than the token of any lease, so no host can write to the deleted session any more. It is the largest
 * value of the token column on PostgreSQL, which refuses to compare the column with a larger one.
 */
const lastToken = 2 ** 31 - 1;

const openDeleted = async (
  context: HostContext,
  work: Performing,
  { sessionId, groupId }: { readonly sessionId: string; readonly groupId: string },
): Promise<LeasedSession | null> => {
  if (!(await hasSession(context.central.loop, sessionId))) return null;
  if (!(await isDeleted(context.central.loop, sessionId))) return null;
  const session = openRows(context, work, { groupId, lease: { sessionId, token: lastToken } });
  session.isDeleted = true;
  return session;
};

const openRows = (
  context: HostContext,
  work: Performing,
  { groupId, lease }: Pick<LeasedSession, "groupId" | "lease">,
): LeasedSession => {
  const { sessionId: id, token } = lease;
  const { central, report, signals, times } = context;
  const { run: reconcile } = coalesced(() => work.reconcile(session), report);
  const session: LeasedSession = {
    id,
    groupId,
    folder: sessionFolder(context, groupId, id),
    lease,
    side: openHostSide({ db: central.loop, signals, sessionId: id, token }),
    ...sessionMachine(leasedState(token, Date.now()), times, (effect) => work.perform(session, effect)),
    container: null,
    isDeleted: false,
    touchedAt: 0,
    hasUnread: true,
    readTo: 0,
    lastRead: null,
    outbox: emptyOutbox(),
    schedule: reconcileSchedule(reconcile),
    deliver: coalesced(() => work.deliver(session), report).run,
    reconcile,
  };
  return session;
};
