import { pause } from "@gatehouse/fs-kit";
import { giveBackLease, type HeldLease, renewLeases, takeLease, wantSession } from "@gatehouse/control-plane";
import { hasSession, issueToken, openHostSide } from "@nc/session-db/node";
import { coalesced } from "../coalesced.ts";
import type { HostContext } from "../context.ts";
import { sealable } from "./sealed-end.ts";
import { sessionFolder } from "./session-folder.ts";
import { lookSoon, type HeldSession, type HeldSessions } from "./held-session.ts";
import { isDeleted, sessionFacts } from "./session-rows.ts";

/** Between two tries to take a lease that another host holds, ms. */
const againMs = 250;

export const heldSessions = (context: HostContext, work: Work): HeldSessions => {
  const { central, owner, times, log, report, isAlone } = context;
  const held = new Map<string, HeldSession>();
  const opening = new Map<string, Promise<HeldSession | null | "elsewhere">>();

  const open = async (sessionId: string): Promise<HeldSession | null | "elsewhere"> => {
    const session = await openSession(context, work, sessionId);
    if (session === null || session === "elsewhere") return session;
    held.set(sessionId, session);
    // What was left for it comes before whatever it is opened for.
    await work.collect(session);
    return session;
  };
  const tryOpen = (sessionId: string): Promise<HeldSession | null | "elsewhere"> => {
    const there = held.get(sessionId);
    if (there !== undefined) {
      there.usedAt = Date.now();
      return Promise.resolve(there);
    }
    const joined = opening.get(sessionId) ?? open(sessionId).finally(() => opening.delete(sessionId));
    opening.set(sessionId, joined);
    return joined;
  };
  const endHold = async (session: HeldSession): Promise<void> => {
    session.isOver = true;
    clearTimeout(session.timer);
    session.cancelSoon?.();
    if (held.get(session.id) === session) held.delete(session.id);
    await session.end.close();
  };
  const lose = async (session: HeldSession, why: string): Promise<void> => {
    if (session.isOver) return;
    log("lease-lost", { session: session.id, token: session.lease.token, why });
    await endHold(session);
    // This host started it, and nobody else knows it: it must not go on beside the other host's.
    await session.run?.container.kill(0).catch(report);
  };
  return {
    hold: (sessionId) => holdWhenFree(context, sessionId, tryOpen),
    open: tryOpen,
    tryHold: (sessionId) => tryOpen(sessionId).then((session) => (session === "elsewhere" ? null : session)),
    openDeleted: (sessionId, groupId) => openDeleted(context, work, { sessionId, groupId }),
    get: (sessionId) => held.get(sessionId),
    all: () => [...held.values()],
    letGo: async (session, hasWork = false) => {
      await endHold(session);
      await giveBackLease(central.db, session.lease, { hasWork });
    },
    lose,
    renew: async () => {
      const before = [...held.values()];
      return notAmong(before, await renewLeases(central.db, owner, times.leaseMs, { isAlone }));
    },
  };
};

/** Asks the host that holds it to let it go, and tries until it has. */
const holdWhenFree = async (
  { central, phase }: HostContext,
  sessionId: string,
  tryOpen: HeldSessions["open"],
): Promise<HeldSession | null> => {
  for (;;) {
    const session = await tryOpen(sessionId);
    if (session !== "elsewhere") return session;
    if (phase.is === "closing") throw new Error("The host is closing.");
    await wantSession(central.db, sessionId);
    await pause(againMs);
  }
};

const notAmong = (sessions: readonly HeldSession[], leases: readonly HeldLease[]): readonly HeldSession[] => {
  const tokens = new Map(leases.map(({ sessionId, token }) => [sessionId, token]));
  return sessions.filter(({ id, lease, isOver }) => !isOver && tokens.get(id) !== lease.token);
};

type Work = Readonly<Record<"collect" | "deliver" | "look", (session: HeldSession) => Promise<void>>>;

/** Takes the lease and opens the rows. Null if the session is closed or gone. */
const openSession = async (
  context: HostContext,
  work: Work,
  sessionId: string,
): Promise<HeldSession | null | "elsewhere"> => {
  const { central, owner, times } = context;
  const lease = await takeLease(central.db, { sessionId, owner, ttlMs: times.leaseMs });
  if (!lease.ok) return lease.error.code === "held" ? "elsewhere" : null;
  const facts = await sessionFacts(central.db, sessionId);
  if (facts === null || facts.status !== "active") {
    await giveBackLease(central.db, lease.value);
    return null;
  }
  const session = openRows(context, work, { groupId: facts.group.id, lease: lease.value });
  session.end.onChange(() => lookSoon(session));
  return session;
};

/**
 * Higher than any that a lease had: of a deleted session no host writes on. The most that the column of
 * tokens takes on PostgreSQL, which refuses to compare it with more.
 */
const lastToken = 2 ** 31 - 1;

const openDeleted = async (
  context: HostContext,
  work: Work,
  { sessionId, groupId }: { readonly sessionId: string; readonly groupId: string },
): Promise<HeldSession | null> => {
  if (!(await hasSession(context.central.rows, sessionId))) return null;
  if (!(await isDeleted(context.central.db, sessionId))) return null;
  const session = openRows(context, work, { groupId, lease: { sessionId, token: lastToken } });
  session.isDeleted = true;
  return session;
};

const openRows = (
  context: HostContext,
  work: Work,
  { groupId, lease }: Pick<HeldSession, "groupId" | "lease">,
): HeldSession => {
  const { sessionId: id, token } = lease;
  const folder = sessionFolder(context, groupId, id);
  const { central, signals } = context;
  const side = { db: central.rows, signals, sessionId: id, token };
  const { end, seal } = sealable(openHostSide(side));
  const issue: HeldSession["issueToken"] = (incarnation) => issueToken(side, incarnation);
  return newSession(context, work, { id, groupId, folder, lease, end, seal, issueToken: issue });
};

const newSession = (
  { report }: HostContext,
  work: Work,
  parts: Pick<HeldSession, "id" | "groupId" | "folder" | "lease" | "end" | "seal" | "issueToken">,
): HeldSession => {
  const session: HeldSession = {
    ...parts,
    run: null,
    waking: null,
    failures: 0,
    failure: null,
    whyNotStarted: null,
    answered: new Set(),
    ends: [],
    wakeNotBefore: 0,
    isOver: false,
    isStopping: false,
    isDeleted: false,
    commands: new Set(),
    answers: new Map(),
    sends: new Map(),
    sent: new Map(),
    hasWork: true,
    isWatched: true,
    timer: undefined,
    timerAt: 0,
    expectsClaim: false,
    cancelSoon: null,
    usedAt: Date.now(),
    inPlace: Promise.resolve(),
    unread: 0,
    deliver: coalesced(() => work.deliver(session), report),
    look: coalesced(() => work.look(session), report),
  };
  return session;
};
