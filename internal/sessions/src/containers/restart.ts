import { rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import type { InboundMessage } from "@nc/session-db";
import { hostRow } from "../held/host-row.ts";
import { closeSession, type Carrier } from "@gatehouse/control-plane";
import type { Json } from "@nc/session-db";
import { forgetSession } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import { isOver, type HeldSession } from "../held/held-session.ts";
import { sendDurably } from "../held/send-durably.ts";
import { fieldOf } from "../delivery/text-of.ts";
import { takeInLeft } from "../delivery/notes.ts";
import { accountForClosed, tellClosed } from "../delivery/tell-closed.ts";
import { isDeleted } from "../held/session-rows.ts";
import { clearBox } from "../files/outbox-files.ts";
import type { Workload } from "../lifecycle/session-state.ts";
import { endSuperseded } from "./left-workloads.ts";
import { hasRun, incarnationOf } from "../lifecycle/step.ts";

/**
 * Starts the containers of sessions that have none, whatever is due and however long the wait for the next
 * try is. The outcome says which were not started, and why.
 */
export const wakeCarrier =
  (context: LoopContext): Carrier =>
  async (payload) => {
    const ids = sessionIdsIn(payload as Json);
    const woken = await Promise.all(ids.map((id) => wakeNow(context, id)));
    const problems = woken.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0)
      return { ok: false, error: { code: "handler-error", message: problems.join("\n") } };
    const started = woken.filter(({ isStarted }) => isStarted).length;
    return { ok: true, value: { data: { started, running: woken.length } } };
  };

const wakeNow = async (
  context: LoopContext,
  sessionId: string,
): Promise<{ readonly isStarted: boolean; readonly problem: string | null }> => {
  const session = await context.held.hold(sessionId);
  if (session === null) return { isStarted: false, problem: `${sessionId} is closed.` };
  if (hasRun(session.state().workload)) return { isStarted: false, problem: null };
  await session.tell({ type: "wake-asked", mayStart: context.phase.is === "running" });
  await session.when(({ workload }) => workload.is !== "starting");
  const isStarted = hasRun(session.state().workload);
  return { isStarted, problem: isStarted ? null : `${sessionId} was not started: ${whyNot(session)}` };
};

const whyNot = (session: HeldSession): string => {
  const { failure } = session.state().wake;
  if (failure === null) return "another host now has it, or it is being closed.";
  return failure.isKilled ? `${failure.reason} It is tried again.` : failure.reason;
};

/**
 * Processes have no image, so there is nothing to build: the sessions are started again, with the newest
 * configuration, and the answer says so.
 */
export const rebuildCarrier = (context: LoopContext): Carrier => {
  const restart = restartCarrier(context);
  return async (payload, intentId) => {
    const done = await restart(payload, intentId);
    if (done?.ok !== true) return done;
    const { data, warnings = [] } = done.value;
    return { ok: true, value: { data, warnings: [...warnings, nothingBuilt] } };
  };
};

const nothingBuilt =
  "This host runs agents as processes, so it built no image. It only restarted them, with the newest configuration.";

/**
 * Ends the containers of sessions, and starts those again that have something to do. A message is in the
 * session before its container is asked to end, for the next container only. Carried out twice, it is told
 * once: its id is made from the intent's.
 */
export const restartCarrier =
  (context: LoopContext): Carrier =>
  async (payload, intentId) => {
    const text = textIn(payload as Json, "message");
    const one = { context, text, intentId };
    const ids = sessionIdsIn(payload as Json);
    const idle = text === null ? [] : sessionIdsIn(payload as Json, "keptFor");
    const restarted = await countOf(ids, (id) => restartOne(id, one));
    if (text === null) return { ok: true, value: { data: { restarted, rebuilt: false } } };
    const kept = await countOf(idle, (id) => keepOne(id, one));
    const warnings = restarted + kept === 0 ? [toldNobody] : [];
    return { ok: true, value: { data: { restarted, rebuilt: false, kept }, warnings } };
  };

const toldNobody = "The group has no conversation yet, so no agent gets the message.";

const countOf = async (ids: readonly string[], carryOut: (id: string) => Promise<boolean>): Promise<number> =>
  (await Promise.all(ids.map(carryOut))).filter(Boolean).length;

type Restart = { readonly context: LoopContext; readonly text: string | null; readonly intentId: string };

/** False for a session that is closed or gone: it is not started again. */
const restartOne = async (sessionId: string, { context, text, intentId }: Restart): Promise<boolean> => {
  let incarnation: number | null = null;
  for (;;) {
    const session = await context.held.hold(sessionId);
    if (session === null) return false;
    // The message is for the container after this one: so not before this one is counted.
    await session.when(({ workload }) => workload.is !== "starting" || workload.incarnation !== null);
    incarnation ??= incarnationOf(session.state().workload);
    if (text !== null && !(await sendDurably(context, session, [wakeNote(session, text, intentId, context)])))
      continue;
    context.log("restart", { session: sessionId, intent: intentId, isRunning: incarnation !== null });
    // One that was started meanwhile has the message already.
    if (incarnation !== null && !(await endContainer(session, incarnation))) continue;
    await session.look();
    return true;
  }
};

/** Leaves the message for the next container, which something else starts. False as above. */
const keepOne = async (sessionId: string, { context, text, intentId }: Restart): Promise<boolean> => {
  for (;;) {
    const session = await context.held.hold(sessionId);
    if (session === null || text === null) return false;
    const note = { ...wakeNote(session, text, intentId, context), trigger: false };
    if (await sendDurably(context, session, [note])) return true;
  }
};

const wakeNote = (
  { id }: HeldSession,
  text: string,
  intentId: string,
  { now }: LoopContext,
): InboundMessage =>
  hostRow({
    id: `restart-${intentId}-${id}`,
    kind: "chat",
    timestamp: now(),
    content: { text, system: true },
    trigger: true,
    onWake: true,
  });

/**
 * Ends the containers of sessions, and closes those that are still there. Whoever waits for an answer of one
 * is told why none comes: before it is closed, since this may be carried out anew until then, and what came
 * meanwhile once nothing more can come: its agent has ended by then, and it takes no message.
 */
export const stopCarrier =
  (context: LoopContext): Carrier =>
  async (payload, intentId) => {
    const ids = sessionIdsIn(payload as Json);
    const [groupId, reason] = ["groupId", "reason"].map((name) => textIn(payload as Json, name));
    const why = { groupId: groupId ?? "", reason: reason ?? "", intentId };
    const stopped = await Promise.all(ids.map((id) => stopOne(context, id, why)));
    return { ok: true, value: { data: { stopped: stopped.filter(Boolean).length } } };
  };

type StopReason = { readonly groupId: string; readonly reason: string; readonly intentId: string };

const stopOne = async (context: LoopContext, sessionId: string, why: StopReason): Promise<boolean> => {
  const { held } = context;
  for (;;) {
    // One that was deleted cannot be held anew, but its container may still run here.
    const session =
      held.get(sessionId) ?? (await held.hold(sessionId)) ?? (await held.openDeleted(sessionId, why.groupId));
    if (session === null) return false;
    if (await closeHeld(context, session, why)) return true;
  }
};

/** False if the session was lost meanwhile: its next holder goes on with it, or this host once more. */
const closeHeld = async (
  context: LoopContext,
  session: HeldSession,
  { reason, intentId }: StopReason,
): Promise<boolean> => {
  const { held, central, log } = context;
  await session.tell({ type: "closing" });
  session.isDeleted = await isDeleted(central.beside, session.id);
  log("session-closed", { session: session.id, intent: intentId });
  if (!(await endContainer(session))) return false;
  // A host that lost it when its row was deleted may still run its container.
  if (session.isDeleted) await endSuperseded(context);
  await removeCopies(context, session);
  await accountForClosed(context, session, reason);
  const toldUpTo = await tellClosed(context, session, reason);
  const closed = await closeSession(central.beside, session.lease);
  // Nobody holds one that is deleted. It may have been deleted, or another host have taken it, only now.
  if (!closed.ok && !session.isDeleted) await session.tell({ type: "lost", why: closed.error.message });
  if (isOver(session)) return false;
  // From now on no host leaves a message for it.
  await takeInLeft(context, session);
  // Whoever found the session before it was closed writes before the last look at what came, or not at all.
  await session.seal();
  // Nothing of it is delivered any more, and no container reads it: unless another host has it by now.
  if (closed.ok) for (const box of ["in", "out"] as const) await clearBox(context, session, box);
  await tellClosed(context, session, reason, toldUpTo);
  await held.letGo(session);
  if (session.isDeleted) await forgetSession(central.rows, session.id);
  return true;
};

/** The copies of files that an agent of the host's account was sent; of a deleted session all that was handed in, and its log. */
const removeCopies = async (
  { log }: LoopContext,
  { id, folder, isDeleted: isGone }: HeldSession,
): Promise<void> => {
  try {
    await rm(isGone ? folder : join(folder, "out", "inbox"), { recursive: true, force: true });
  } catch (error) {
    log("attachment-not-removed", { session: id, reason: systemCode(error) });
  }
};

/**
 * Resolves when the session has no container, or not that of this incarnation, and what it left is accounted for. False
 * if the session was lost before: its container is its next holder's to end.
 */
export const endContainer = async (session: HeldSession, incarnation?: number): Promise<boolean> => {
  const isAnother = (workload: Workload): boolean =>
    incarnation !== undefined && incarnationOf(workload) !== incarnation;
  const hasStopped = session.when(
    ({ workload, phase }) => workload.is === "none" || isAnother(workload) || phase === "over",
  );
  await session.tell({ type: "stop-asked", ...(incarnation === undefined ? {} : { incarnation }) });
  await hasStopped;
  return !isOver(session);
};

const textIn = (payload: Json, name: string): string | null => {
  const text = fieldOf(payload, name);
  return typeof text === "string" ? text : null;
};

const sessionIdsIn = (payload: Json, name: "sessionIds" | "keptFor" = "sessionIds"): readonly string[] => {
  const ids = fieldOf(payload, name);
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === "string") : [];
};
