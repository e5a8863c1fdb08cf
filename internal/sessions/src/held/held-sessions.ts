import { pause } from "@gatehouse/fs-kit";
import { giveBackLease, type HeldLease, renewLeases, takeLease, wantSession } from "@gatehouse/control-plane";
import { hasSession, issueToken, openHostSide } from "@nc/session-db/node";
import { coalesced } from "../coalesced.ts";
import type { HostContext } from "../context.ts";
import { emptyOutbox } from "../delivery/outbox.ts";
import { sessionMachine } from "../lifecycle/session-machine.ts";
import { leasedState, type Effect } from "../lifecycle/session-state.ts";
import { reconcileSchedule } from "./reconcile-schedule.ts";
import { sealable } from "./sealed-end.ts";
import { sessionFolder } from "./session-folder.ts";
import { isOver, type HeldSession, type HeldSessions } from "./held-session.ts";
import { isDeleted, sessionFacts } from "./session-rows.ts";

/** Between two tries to take a lease that another host holds, ms. */
const againMs = 250;

export const heldSessions = (context: HostContext, work: Work): HeldSessions => {
  const { central, owner, times, isAlone } = context;
  const held = new Map<string, HeldSession>();
  const opening = new Map<string, Promise<HeldSession | null | "elsewhere">>();

  const open = async (sessionId: string): Promise<HeldSession | null | "elsewhere"> => {
    const session = await openSession(context, performing, sessionId);
    if (session === null || session === "elsewhere") return session;
    held.set(sessionId, session);
    // What was left for it comes before whatever it is opened for.
    await work.collect(session);
    return session;
  };
  const tryOpen = (sessionId: string): Promise<HeldSession | null | "elsewhere"> => {
    const there = held.get(sessionId);
    if (there !== undefined) {
      return there.tell({ type: "used", at: Date.now() }).then(() => there);
    }
    const joined = opening.get(sessionId) ?? open(sessionId).finally(() => opening.delete(sessionId));
    opening.set(sessionId, joined);
    return joined;
  };
  const close = async (session: HeldSession): Promise<void> => {
    session.schedule.stop();
    if (held.get(session.id) === session) held.delete(session.id);
    await session.end.close();
  };
  const performing: Performing = {
    ...work,
    perform: (session, effect) => (effect.do === "close" ? close(session) : work.perform(session, effect)),
  };
  return {
    hold: (sessionId) => holdWhenFree(context, sessionId, tryOpen),
    open: tryOpen,
    tryHold: (sessionId) => tryOpen(sessionId).then((session) => (session === "elsewhere" ? null : session)),
    openDeleted: (sessionId, groupId) => openDeleted(context, performing, { sessionId, groupId }),
    get: (sessionId) => held.get(sessionId),
    all: () => [...held.values()],
    letGo: async (session, hasWork = false) => {
      await session.tell({ type: "let-go" });
      await giveBackLease(central.beside, session.lease, { hasWork });
    },
    renew: async () => {
      const before = [...held.values()];
      return notAmong(before, await renewLeases(central.beside, owner, times.leaseMs, { isAlone }));
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
    await wantSession(central.beside, sessionId, "stop");
    await pause(againMs);
  }
};

const notAmong = (sessions: readonly HeldSession[], leases: readonly HeldLease[]): readonly HeldSession[] => {
  const tokens = new Map(leases.map(({ sessionId, token }) => [sessionId, token]));
  return sessions.filter((session) => !isOver(session) && tokens.get(session.id) !== session.lease.token);
};

type Work = Readonly<Record<"collect" | "deliver" | "look", (session: HeldSession) => Promise<void>>> & {
  readonly perform: (session: HeldSession, effect: Exclude<Effect, Close>) => Promise<void>;
};

type Close = { readonly do: "close" };

type Performing = Pick<Work, "deliver" | "look"> & {
  readonly perform: (session: HeldSession, effect: Effect) => Promise<void>;
};

/** Takes the lease and opens the rows. Null if the session is closed or gone. */
const openSession = async (
  context: HostContext,
  work: Performing,
  sessionId: string,
): Promise<HeldSession | null | "elsewhere"> => {
  const { central, owner, times } = context;
  const lease = await takeLease(central.beside, { sessionId, owner, ttlMs: times.leaseMs });
  if (!lease.ok) return lease.error.code === "held" ? "elsewhere" : null;
  const facts = await sessionFacts(central.beside, sessionId);
  if (facts === null || facts.status !== "active") {
    await giveBackLease(central.beside, lease.value);
    return null;
  }
  const session = openRows(context, work, { groupId: facts.group.id, lease: lease.value });
  session.end.onChange(session.schedule.soon);
  return session;
};

/**
 * Higher than any that a lease had: of a deleted session no host writes on. The most that the column of
 * tokens takes on PostgreSQL, which refuses to compare it with more.
 */
const lastToken = 2 ** 31 - 1;

const openDeleted = async (
  context: HostContext,
  work: Performing,
  { sessionId, groupId }: { readonly sessionId: string; readonly groupId: string },
): Promise<HeldSession | null> => {
  if (!(await hasSession(context.central.rows, sessionId))) return null;
  if (!(await isDeleted(context.central.beside, sessionId))) return null;
  const session = openRows(context, work, { groupId, lease: { sessionId, token: lastToken } });
  session.isDeleted = true;
  return session;
};

const openRows = (
  context: HostContext,
  work: Performing,
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
  { report, times }: HostContext,
  work: Performing,
  parts: Pick<HeldSession, "id" | "groupId" | "folder" | "lease" | "end" | "seal" | "issueToken">,
): HeldSession => {
  const look = coalesced(() => work.look(session), report);
  const state = leasedState(parts.lease.token, Date.now());
  const session: HeldSession = {
    ...parts,
    ...sessionMachine(state, times, (effect) => work.perform(session, effect)),
    container: null,
    isDeleted: false,
    touchedAt: 0,
    outbox: emptyOutbox(),
    schedule: reconcileSchedule(look),
    deliver: coalesced(() => work.deliver(session), report),
    look,
  };
  return session;
};
