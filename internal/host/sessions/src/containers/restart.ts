import { rm } from "node:fs/promises";
import { inFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { InboundMessage } from "@gatehouse/session-rows/messages";
import { hostText } from "@gatehouse/session-rows/messages";
import { closeSession, closeTaskSession, forgetSession } from "@gatehouse/session-rows";
import type { IntentHandler } from "@gatehouse/intents";
import { releaseClaims } from "./release-claims.ts";
import type { LoopContext } from "../context.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { appendDurably } from "../leased/append.ts";
import { accountForClosed, tellClosed } from "../delivery/tell.ts";
import { withdrawToolsOf } from "../delivery/tool-questions.ts";
import { isDeleted } from "../leased/session-facts.ts";
import { clearBox } from "../files/outbox-files.ts";
import type { Workload } from "../lifecycle/session-state.ts";
import { killSuperseded } from "./left-workloads.ts";
import { hasRun, incarnationOf } from "../lifecycle/step.ts";

/**
 * Starts the containers of sessions that have none, whether or not a message is due or a retry is waiting.
 * The outcome lists the sessions that were not started, with the reasons.
 */
export const wakeHandler =
  (context: LoopContext): IntentHandler<"wake"> =>
  async ({ sessionIds }) => {
    const woken = await Promise.all(sessionIds.map((id) => wakeNow(context, id)));
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
  const session = await context.leased.lease(sessionId);
  if (session === null) return { isStarted: false, problem: `${sessionId} is closed.` };
  if (hasRun(session.state().workload)) return { isStarted: false, problem: null };
  await session.dispatch({ type: "wake-asked", mayStart: context.phase.is === "running" });
  await session.when(({ workload }) => workload.is !== "starting");
  const isStarted = hasRun(session.state().workload);
  return {
    isStarted,
    problem: isStarted ? null : `${sessionId} was not started: ${whyNot(context, session)}`,
  };
};

const whyNot = ({ away }: LoopContext, session: LeasedSession): string => {
  const { failure } = session.state().wake;
  if (away.reason !== null) return away.reason;
  if (failure === null) return "another host now has it, or it is being closed.";
  return failure.isKilled ? `${failure.reason} It is tried again.` : failure.reason;
};

/**
 * Stops the containers of sessions, and starts those again that have work. A message for the next container
 * is written to the session before the running container is asked to stop. If the intent is carried out
 * twice, the message is written once, because its id is made from the intent's.
 */
export const restartHandler =
  (context: LoopContext): IntentHandler<"restart"> =>
  async ({ sessionIds, keptFor = [], message: text }, intentId) => {
    const restarted = await countOf(sessionIds, (id) => restartOne(id, { context, text, intentId }));
    if (text === null) return { ok: true, value: { data: { restarted, rebuilt: false } } };
    const kept = await countOf(keptFor, (id) => keepOne(id, { context, text, intentId }));
    const warnings = restarted + kept === 0 ? [noConversation] : [];
    return { ok: true, value: { data: { restarted, rebuilt: false, kept }, warnings } };
  };

const noConversation = "The group has no conversation yet, so no agent gets the message.";

const countOf = async (ids: readonly string[], carryOut: (id: string) => Promise<boolean>): Promise<number> =>
  (await Promise.all(ids.map(carryOut))).filter(Boolean).length;

type Restart<Text> = { readonly context: LoopContext; readonly text: Text; readonly intentId: string };

/** False for a session that is closed or gone: it is not restarted. */
const restartOne = async (
  sessionId: string,
  { context, text, intentId }: Restart<string | null>,
): Promise<boolean> => {
  let incarnation: number | null = null;
  for (;;) {
    const session = await context.leased.lease(sessionId);
    if (session === null) return false;
    // The message is for the container after the current one, so the current one must be counted first.
    await session.when(({ workload }) => workload.is !== "starting" || workload.incarnation !== null);
    incarnation ??= incarnationOf(session.state().workload);
    if (
      text !== null &&
      !(await appendDurably(context, sessionId, [wakeNote(sessionId, text, intentId, context)]))
    )
      continue;
    context.log("restart", { session: sessionId, intent: intentId, isRunning: incarnation !== null });
    // A container that started meanwhile has the message already.
    if (incarnation !== null && !(await stopContainer(session, incarnation))) continue;
    await session.reconcile();
    return true;
  }
};

/** Leaves the message for the next container. False if the session is gone. */
const keepOne = (sessionId: string, { context, text, intentId }: Restart<string>): Promise<boolean> =>
  appendDurably(context, sessionId, [{ ...wakeNote(sessionId, text, intentId, context), trigger: false }]);

const wakeNote = (id: string, text: string, intentId: string, { now }: LoopContext): InboundMessage =>
  hostText({ id: `restart-${intentId}-${id}`, timestamp: now(), text, trigger: true, onWake: true });

/**
 * Stops the containers of sessions, and closes the sessions that still exist. Senders who wait for an answer
 * are told that none comes, in two passes: once before the close, because the intent may be carried out again
 * until then, and once when the session is closed, for messages that arrived meanwhile.
 */
export const stopHandler =
  (context: LoopContext): IntentHandler<"stop"> =>
  async ({ sessionIds, groupId, reason }, intentId) => {
    const why = { groupId, reason, intentId };
    const stopped = await Promise.all(sessionIds.map((id) => stopOne(context, id, why)));
    return { ok: true, value: { data: { stopped: stopped.filter(Boolean).length } } };
  };

type StopReason = { readonly groupId: string; readonly reason: string; readonly intentId: string };

const stopOne = async (context: LoopContext, sessionId: string, why: StopReason): Promise<boolean> => {
  const { leased } = context;
  for (;;) {
    // A deleted session cannot be leased again, but its container may still run here.
    const session =
      leased.get(sessionId) ??
      (await leased.lease(sessionId)) ??
      (await leased.openDeleted(sessionId, why.groupId));
    if (session === null) return false;
    if (await closeLeased(context, session, why)) return true;
  }
};

/** False if the lease was lost meanwhile: the next host with the lease, or this one again, continues. */
const closeLeased = async (
  context: LoopContext,
  session: LeasedSession,
  { reason, intentId }: StopReason,
): Promise<boolean> => {
  const { leased, central, log } = context;
  await session.dispatch({ type: "closing" });
  session.isDeleted = await isDeleted(central.loop, session.id);
  log("session-closed", { session: session.id, intent: intentId });
  if (!(await stopContainer(session))) return false;
  // If this host lost the lease because the row was deleted, it may still run the container.
  if (session.isDeleted) await killSuperseded(context);
  await removeCopies(context, session);
  await releaseClaims(context, session, "interrupted");
  await withdrawToolsOf(context, session, "all");
  await accountForClosed(context, session, reason);
  const toldUpTo = await tellClosed(context, session, reason);
  const closed = await closeSession(central.loop, session.lease);
  // A deleted session has no lease. It may have been deleted, or leased by another host, only now.
  if (!closed.ok && !session.isDeleted) await session.dispatch({ type: "lost", why: closed.error.message });
  if (isOver(session)) return false;
  // A writer either has written before the session was closed, or is refused.
  // The session's files are not needed any more, unless another host has leased it.
  if (closed.ok) for (const box of ["in", "out"] as const) await clearBox(context, session, box);
  await tellClosed(context, session, reason, toldUpTo);
  await leased.release(session);
  if (session.isDeleted) await forgetSession(central.loop, session.id);
  return true;
};

/** Closes an idle session whose task has ended. False for any other session. */
export const closeEndedTask = async (context: LoopContext, session: LeasedSession): Promise<boolean> => {
  const closed = await closeTaskSession(context.central.loop, session.lease);
  if (!closed.ok) await session.dispatch({ type: "lost", why: closed.error.message });
  if (!closed.ok || !closed.value) return !closed.ok;
  context.log("session-closed", { session: session.id });
  await session.dispatch({ type: "closing" });
  await removeCopies(context, session);
  for (const box of ["in", "out"] as const) await clearBox(context, session, box);
  await context.leased.release(session);
  return true;
};

/**
 * Removes the copies of files that an agent of the host's account was given; for a deleted session all its
 * files and its log.
 */
const removeCopies = async (
  { log }: LoopContext,
  { id, folder, isDeleted: isGone }: LeasedSession,
): Promise<void> => {
  try {
    if (isGone) return await rm(folder, { recursive: true, force: true });
    // The agent may have put a link at `out`, to the inbox of another session.
    await inFolder(folder, "out", (out) => rm(out.at("inbox"), { recursive: true, force: true }));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    log("attachment-not-removed", { session: id, reason: systemCode(error) });
  }
};

/**
 * Resolves when the session has no container, or another than the one of this incarnation, and its exit is
 * accounted for. False if the lease was lost before: then the next host stops the container.
 */
export const stopContainer = async (session: LeasedSession, incarnation?: number): Promise<boolean> => {
  const isAnother = (workload: Workload): boolean =>
    incarnation !== undefined && incarnationOf(workload) !== incarnation;
  const hasStopped = session.when(
    ({ workload, phase }) => workload.is === "none" || isAnother(workload) || phase === "over",
  );
  await session.dispatch({ type: "stop-asked", ...(incarnation === undefined ? {} : { incarnation }) });
  await hasStopped;
  return !isOver(session);
};
