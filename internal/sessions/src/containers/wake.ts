import { containerStarted, startContainerRow } from "@gatehouse/control-plane";
import { fail, ok, type Result } from "@gatehouse/std";
import { prepareContainer } from "./prepare-container.ts";
import type { LoopContext } from "../context.ts";
import type { DialPlace } from "../session-host.ts";
import { watchRun } from "./container-end.ts";
import type { HeldSession } from "../held/held-session.ts";
import type { WakeFailure } from "../lifecycle/session-state.ts";
import { projectionOf } from "./projection.ts";
import { sessionFacts } from "../held/session-rows.ts";
import { warnOfChats } from "./warn-of-chats.ts";

/** Why no container was started; null if the session is no longer this host's to wake. */
type NotStarted = WakeFailure | null;

/** Starts the workload of a session, which waits for it. A failure is told in the session's chat. */
export const startWorkload = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const notStarted = (failure: NotStarted): Promise<void> =>
    session.tell({ type: "not-started", at: Date.now(), failure });
  try {
    const started = await start(context, session);
    if (!started.ok) await notStarted(started.error);
  } catch (error) {
    await notStarted(null);
    throw error;
  }
};

const start = async (context: LoopContext, session: HeldSession): Promise<Result<null, NotStarted>> => {
  const { beside: db } = context.central;
  // Read anew: it may have been closed or deleted since it was held.
  const facts = await sessionFacts(db, session.id);
  if (facts === null || facts.status !== "active") {
    await context.held.letGo(session);
    return fail(null);
  }
  await warnOfChats(context, facts.group);
  const prepared = await prepareContainer(context, session, facts);
  if (!prepared.ok) return notStarted(prepared.error);
  const { generation, spec } = prepared.value;
  const row = await startContainerRow(db, session.lease, { image: null, generation });
  if (!row.ok) return lost(session, row.error.message);
  const { incarnation } = row.value;
  const projected = await session.end.project(await projectionOf(db, session, facts, incarnation));
  if (!projected.ok)
    return projected.error.code === "fenced"
      ? lost(session, projected.error.message)
      : notStarted(projected.error.message);
  await session.tell({ type: "counted", incarnation });
  // If this host is stopped here for longer than its lease, the token of the program that it starts is over.
  const token = await session.issueToken(incarnation);
  if (!token.ok)
    return token.error.code === "fenced"
      ? lost(session, token.error.message)
      : notStarted(token.error.message);
  const label = { ...spec.label, incarnation };
  const spawned = await context.runtime.spawn({ ...spec, label, input: inputOf(token.value, context.dial) });
  if (!spawned.ok) return notStarted(spawned.error.message, spawned.error.code === "killed");
  const container = spawned.value;
  watchRun(context, session, { container, incarnation });
  const { reference, pid } = container;
  context.log("container-started", { session: session.id, incarnation, reference, pid, generation });
  const recorded = await containerStarted(db, session.lease, { incarnation, reference });
  return recorded.ok ? ok(null) : lost(session, recorded.error.message);
};

/** A pin is no secret, but is as safe here as the token. */
const inputOf = (token: string, { pin }: DialPlace): string => (pin === null ? token : `${token}\n${pin}`);

const notStarted = (reason: string, isKilled = false): Result<never, NotStarted> =>
  fail({ reason, isKilled });

const lost = async (session: HeldSession, why: string): Promise<Result<never, NotStarted>> => {
  await session.tell({ type: "lost", why });
  return fail(null);
};
