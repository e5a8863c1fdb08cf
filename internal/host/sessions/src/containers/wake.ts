import { containerEnded, containerStarted, issueToken, startContainerRow } from "@gatehouse/session-rows";
import type { TransportError } from "@gatehouse/session-rows/messages";
import { fail, ok, type Result } from "@gatehouse/std";
import { prepare } from "@gatehouse/workloads";
import { explain } from "@nc/container-runtime";
import { heldReason, type LoopContext } from "../context.ts";
import { watchRun } from "./container-exit.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import type { WakeFailure } from "../lifecycle/session-state.ts";
import { passOn } from "./pass-on.ts";
import { projectTo } from "./projection.ts";
import { changedRun } from "./agent-changed.ts";
import { sessionFacts } from "../leased/session-facts.ts";

/** Why no container was started; null if this host may not wake the session any more. */
type NotStarted = WakeFailure | null;

/** Starts the workload of a session. A failure is reported to the session's chat. */
export const startWorkload = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const notStarted = (failure: NotStarted): Promise<void> =>
    session.dispatch({ type: "not-started", at: Date.now(), failure });
  try {
    const started = await start(context, session);
    if (!started.ok) await notStarted(started.error);
  } catch (error) {
    await notStarted(null);
    throw error;
  }
};

const start = async (context: LoopContext, session: LeasedSession): Promise<Result<null, NotStarted>> => {
  const { loop: db } = context.central;
  // The session may have been closed or deleted since it was leased.
  const facts = await sessionFacts(db, session.id);
  if (facts === null || facts.status !== "active") {
    await context.leased.release(session);
    return fail(null);
  }
  const held = heldReason(context, facts.group.id);
  if (held !== null) return notStarted(held);
  await warnOfChats(context, facts.group);
  const place = await context.placeOf(facts.group.id);
  if ("awayReason" in place) {
    if (!place.isAtOtherHost) return notStarted(place.awayReason);
    await passOn(context, session);
    return fail(null);
  }
  const prepared = await prepare(context, place, session, facts.group);
  if (!prepared.ok) return notStarted(prepared.error);
  const { generation, agent, workload } = prepared.value;
  const row = await startContainerRow(db, session.lease, { generation, agent });
  if (!row.ok) return lost(session, row.error.message);
  const { incarnation } = row.value;
  const projected = await projectTo(context, session, facts, incarnation);
  if (!projected.ok) return notWritten(session, projected.error);
  await session.dispatch({ type: "counted", incarnation });
  // If this host is paused here for longer than its lease, the token of the started program is invalid.
  const token = await session.side.transact(issueToken(incarnation));
  if (!token.ok) return notWritten(session, token.error);
  const counted = { ...workload, label: { ...workload.label, incarnation } };
  const spawned = await place.start(counted, token.value);
  if (!spawned.ok) {
    // The row would say until the next try that it runs. A container that was started all the same is not this session's.
    await containerEnded(db, session.lease, { incarnation });
    return notStarted(explain(spawned.error), spawned.error.code === "killed");
  }
  const container = spawned.value;
  watchRun(context, session, container);
  const { reference, pid } = container;
  context.log("container-started", { session: session.id, incarnation, reference, pid, generation });
  const recorded = await containerStarted(db, session.lease, { incarnation, reference });
  // The choice may have changed since it was read above. The pass over the session that has started the workload waits for
  // this, so it must not wait for the pass that this causes.
  const outdated = await changedRun(context, session);
  if (outdated !== null)
    session.dispatch({ type: "agent-changed", incarnation: outdated }).catch(context.report);
  return recorded.ok ? ok(null) : lost(session, recorded.error.message);
};

/**
 * Warns of all chats that a group is wired to but has no destination for: only the session of such a chat can
 * send to it. One warning for each group, and another one when the set of chats changes.
 */
const warnOfChats = async (
  { central: { loop: db }, log, warnedOfChats }: LoopContext,
  group: { readonly id: string; readonly name: string },
): Promise<void> => {
  const rows = await db
    .selectFrom("messaging_group_agents")
    .innerJoin("messaging_groups", "messaging_groups.id", "messaging_group_agents.messaging_group_id")
    .leftJoin("agent_destinations", (join) =>
      join
        .onRef("agent_destinations.agent_group_id", "=", "messaging_group_agents.agent_group_id")
        .onRef("agent_destinations.target_id", "=", "messaging_groups.id")
        .on("agent_destinations.target_type", "=", "channel"),
    )
    .select(["channel_type", "platform_id", "name"])
    .where("messaging_group_agents.agent_group_id", "=", group.id)
    .where("local_name", "is", null)
    .orderBy("channel_type")
    .orderBy("platform_id")
    .execute();
  const chats = rows
    .map(({ channel_type, platform_id, name }) => name ?? `${channel_type} ${platform_id}`)
    .join(", ");
  if (chats === (warnedOfChats.get(group.id) ?? "")) return;
  warnedOfChats.set(group.id, chats);
  if (chats === "") return;
  const fix = `ncl destinations add --agent-group-id ${group.id}`;
  log("chats-without-destination", { group: group.id, name: group.name, chats, fix });
};

const notStarted = (reason: string, isKilled = false): Result<never, NotStarted> =>
  fail({ reason, isKilled });

const notWritten = async (
  session: LeasedSession,
  { code, message }: TransportError,
): Promise<Result<never, NotStarted>> => (code === "fenced" ? lost(session, message) : notStarted(message));

const lost = async (session: LeasedSession, why: string): Promise<Result<never, NotStarted>> => {
  await session.dispatch({ type: "lost", why });
  return fail(null);
};
