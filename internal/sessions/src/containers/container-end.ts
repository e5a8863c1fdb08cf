import { containerEnded } from "@gatehouse/control-plane";
import type { Container, Exit } from "@nc/container-runtime";
import { revokeTokens } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import { accountForEnds } from "../delivery/tell-ended.ts";
import type { HeldSession, Run } from "../held/held-session.ts";
import { releaseClaims } from "./release-claims.ts";
import { wakeFailed } from "./wake-failed.ts";

type Started = { readonly container: Container; readonly incarnation: number; readonly startedAt: string };

/** Makes this the session's container, and accounts for its end, whoever causes it. */
export const watchRun = (context: LoopContext, session: HeldSession, started: Started): void => {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  const run: Run = { ...started, isAsked: false, isInterrupted: false, hasWorked: false, over };
  session.run = run;
  started.container.onExit((exit) => {
    ended(context, session, run, exit).catch(context.report).finally(end);
  });
};

/** What it wrote is delivered, and what it left in work is due again, before another is started. */
const ended = async (context: LoopContext, session: HeldSession, run: Run, exit: Exit): Promise<void> => {
  const { code, signal } = exit;
  context.log("container-ended", { session: session.id, incarnation: run.incarnation, code, signal });
  if (!session.isOver) await accountFor(context, session, run, exit);
  if (session.run === run) session.run = null;
  if (!session.isOver && !session.isStopping) await session.look();
};

const accountFor = async (
  context: LoopContext,
  session: HeldSession,
  run: Run,
  exit: Exit,
): Promise<void> => {
  await session.deliver();
  const read = await session.end.state(context.now());
  if (read.ok) {
    // One that took a message has started. What it left of it is tried again, and counted there.
    if (read.value.ended.length + read.value.claims.length > 0) run.hasWorked = true;
    await accountForEnds(context, session, read.value);
  }
  await releaseClaims(context, session, run.isInterrupted);
  if (session.isOver) return;
  await revokeTokens(context.central.rows, { sessionId: session.id, incarnation: run.incarnation });
  await containerEnded(context.central.db, session.lease, { incarnation: run.incarnation });
  const livedMs = Date.parse(context.now()) - Date.parse(run.startedAt);
  if (run.isAsked || run.hasWorked || livedMs >= context.times.quickEndMs) return;
  await wakeFailed(context, session, { reason: quickEnd(exit), isKilled: isKilled(exit) });
};

/** A signal ended it. Of one that ended while nobody watched, neither code nor signal is known. */
const isKilled = ({ code, signal }: Exit): boolean => signal !== null || code === null;

const quickEnd = ({ code, signal, lastLines }: Exit): string => {
  const how = signal ?? (code === null ? "by a signal" : `exit code ${code}`);
  const last = lastLines.at(-1)?.trim() ?? "";
  return last === "" ? `its program ended at once (${how}).` : `its program ended at once (${how}): ${last}`;
};
