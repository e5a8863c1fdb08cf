import { sql, type Kysely } from "kysely";
import {
  type CentralTables,
  databaseTime,
  isServer,
  noteOwners,
  type TaskRow,
} from "@gatehouse/central-database";
import { appendIn, sessionFor, type SessionKey } from "@gatehouse/session-rows";
import type { InboundMessage, TaskContent } from "@gatehouse/session-rows/messages";
import { dueNow, occurrenceId, type MissedPolicy, type Occurrence } from "./due.ts";
import type { Schedule } from "./schedule.ts";
import { missedText, shortText } from "./schedule-messages.ts";
import { endedRuns, hasUnbegun } from "./task-runs.ts";

type Database = Kysely<CentralTables>;

/** A host that fires tasks. */
export type Firing = {
  readonly db: Database;
  /** The host's name in leases: a session that it leases is not asked to look. */
  readonly owner: string;
  readonly id: (prefix: string) => string;
};

/** The session that got the runs of a task. */
export type Fired = { readonly taskId: string; readonly sessionId: string };

/** The time by the database's clock, ms since 1970: hosts of several machines have several clocks. */
export const databaseNow = async (db: Database): Promise<number> => {
  const { rows } = await sql<{ now: string }>`select ${databaseTime(db)} as now`.execute(db);
  return Date.parse(rows[0]?.now ?? "");
};

/** The earliest next time of all tasks after `now`, ms since 1970; null if none has one. One look at an index. */
export const nextDue = async (db: Database, now: number): Promise<number | null> => {
  const row = await active(db)
    .select("next_at")
    .where("next_at", ">", iso(now))
    .orderBy("next_at")
    .limit(1)
    .executeTakeFirst();
  return row?.next_at == null ? null : Date.parse(row.next_at);
};

/** Literals, since SQLite uses a partial index only if the query repeats its condition. */
const active = (db: Database) =>
  db.selectFrom("tasks").where("status", "=", sql.lit("active")).where("next_at", "is not", null);

/** Most tasks that are looked at together. */
const atOnce = 100;

/**
 * Writes the messages of all tasks that are due at `now`, ms by the database's clock. Each task is one transaction: if another
 * host or an earlier try has moved its next time, nothing is written. An error of one task is given to `report`, and the others
 * are fired.
 */
export const fireDue = async (
  firing: Firing,
  now: number,
  report: (error: unknown) => void,
): Promise<readonly Fired[]> => {
  const fired: Fired[] = [];
  for (let after = ""; ;) {
    const due = await active(firing.db)
      .select(["id", "next_at"])
      .where("next_at", "<=", new Date(now).toISOString())
      .where("id", ">", after)
      .orderBy("id")
      .limit(atOnce)
      .execute();
    for (const { id } of due)
      try {
        const sessionId = await fireTask(firing, id, now);
        if (sessionId !== null) fired.push({ taskId: id, sessionId });
      } catch (error) {
        report(error);
      }
    if (due.length < atOnce) return fired;
    after = due.at(-1)?.id ?? "";
  }
};

/** The session that got its messages; null if nothing was due, or if all that was due counts as missed. */
const fireTask = ({ db, owner, id }: Firing, taskId: string, now: number): Promise<string | null> =>
  db.transaction().execute(async (transaction) => {
    const task = await lockedTask(transaction, taskId);
    if (task?.status !== "active" || task.next_at === null) return null;
    const schedule = JSON.parse(task.schedule) as Schedule;
    const missed = task.missed as MissedPolicy;
    const next = Date.parse(task.next_at);
    const due = dueNow({ id: taskId, schedule, next, missed, within: task.within_ms }, now);
    if (due.fire.length === 0 && due.missed === null) return null;
    const key = await keyOf(transaction, task);
    if (key === null) {
      await pause(transaction, task, "its agent does not answer in its chat any more", { now, id });
      return null;
    }
    // One run waits at most: an agent that cannot start would find a hundred.
    const waits = missed !== "all" && (await hasUnbegun(transaction, taskId));
    const fire = waits ? [] : due.fire;
    const passed = waits ? due.fire : [];
    const last = due.fire.at(-1)?.at ?? due.missed?.last ?? next;
    await transaction
      .updateTable("tasks")
      .set({
        next_at: due.next === null ? null : iso(due.next),
        last_at: iso(last),
        status: due.next === null ? "ended" : "active",
      })
      .where("id", "=", taskId)
      .execute();
    const first = due.missed?.first ?? passed[0]?.at;
    if (first !== undefined)
      await writeRun(transaction, {
        task_id: taskId,
        at: iso(first),
        missed: (due.missed?.count ?? 0) + passed.length,
        missed_until: iso(passed.at(-1)?.at ?? due.missed?.last ?? first),
        written_at: iso(now),
        session_id: null,
        outcome: "missed",
      });
    if (fire.length === 0) return null;
    const note = due.missed === null ? null : missedText(due.missed, schedule.zone);
    return give(transaction, task, { key, owner, id, now, fire, note });
  });

/**
 * Fires a task now, beside its times, in the transaction of the caller or in a new one. Null if there is no such task, or its
 * agent does not answer in its chat any more.
 */
export const runNow = ({ db, owner, id }: Firing, taskId: string, now: number): Promise<Fired | null> => {
  const run = async (transaction: Database): Promise<Fired | null> => {
    const task = await lockedTask(transaction, taskId);
    const key = task === undefined ? null : await keyOf(transaction, task);
    if (task === undefined || key === null) return null;
    const fire = [{ id: occurrenceId(taskId, now), at: now }];
    return { taskId, sessionId: await give(transaction, task, { key, owner, id, now, fire, note: null }) };
  };
  return db.isTransaction ? run(db) : db.transaction().execute(run);
};

/** On a server, no other host changes the row until the end of the transaction. */
const lockedTask = (transaction: Database, id: string): Promise<TaskRow | undefined> => {
  const row = transaction.selectFrom("tasks").selectAll().where("id", "=", id);
  return (isServer(transaction) ? row.forUpdate() : row).executeTakeFirst();
};

/** The session of its runs. Null if its group is not wired to its chat: then no answer could come there. */
const keyOf = async (
  db: Database,
  {
    id,
    agent_group_id: groupId,
    messaging_group_id: chatId,
    thread_id: threadId,
    has_own_session: isOwn,
  }: TaskRow,
): Promise<SessionKey | null> => {
  const wiring = await db
    .selectFrom("messaging_group_agents")
    .select("session_mode")
    .where("messaging_group_id", "=", chatId)
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  if (wiring === undefined) return null;
  if (isOwn === 1) return { groupId, messagingGroupId: chatId, threadId, taskId: id };
  return {
    groupId,
    messagingGroupId: wiring.session_mode === "agent-shared" ? null : chatId,
    threadId: wiring.session_mode === "per-thread" ? threadId : null,
  };
};

type Given = {
  readonly key: SessionKey;
  readonly owner: string;
  readonly id: (prefix: string) => string;
  readonly now: number;
  readonly fire: readonly Occurrence[];
  /** What was missed before, for the agent. */
  readonly note: string | null;
};

/** Writes the messages to the session, and returns its id. */
const give = async (
  transaction: Database,
  task: TaskRow,
  { key, owner, id, now, fire, note }: Given,
): Promise<string> => {
  const chat = await transaction
    .selectFrom("messaging_groups")
    .select(["channel_type", "platform_id"])
    .where("id", "=", task.messaging_group_id)
    .executeTakeFirstOrThrow();
  const session = await sessionFor(transaction, key, { now: () => iso(now), id });
  const messages = fire.map(({ id: messageId, at }, index): InboundMessage => {
    const said = index === 0 && note !== null ? `${task.text}\n\n(${note})` : task.text;
    return {
      id: messageId,
      kind: "task",
      timestamp: iso(at),
      content: { text: said, task: task.id, condition: task.condition } satisfies TaskContent,
      trigger: true,
      onWake: false,
      sourceSessionId: null,
      processAfter: null,
      channelType: chat.channel_type,
      platformId: chat.platform_id,
      threadId: task.thread_id,
    };
  });
  if (session === null || !(await appendIn(transaction, { sessionId: session.id, owner }, messages)))
    throw new Error(`The session of task ${task.id} was closed a moment ago. It is tried again.`);
  for (const { at } of fire)
    await writeRun(transaction, {
      task_id: task.id,
      at: iso(at),
      missed: 0,
      missed_until: null,
      written_at: iso(now),
      session_id: session.id,
      outcome: "running",
    });
  return session.id;
};

/** Runs of a task that are kept. */
const keptRuns = 50;

/** Keeps a run, and forgets the oldest. A time that is known already stays as it is. */
const writeRun = async (db: Database, run: CentralTables["task_runs"]): Promise<void> => {
  await db
    .insertInto("task_runs")
    .values(run)
    .onConflict((known) => known.columns(["task_id", "at"]).doNothing())
    .execute();
  const newest = db
    .selectFrom("task_runs")
    .select("at")
    .where("task_id", "=", run.task_id)
    .orderBy("at", "desc")
    .limit(1)
    .offset(keptRuns - 1);
  await db.deleteFrom("task_runs").where("task_id", "=", run.task_id).where("at", "<", newest).execute();
};

/** Failures in a row after which a task is paused. */
const mostFailures = 8;

/**
 * Writes how runs ended that have ended since, and pauses a task whose last eight runs failed: its owners are told once. A run
 * whose session was closed before its end has failed, and is no reason to pause: somebody closed it.
 */
export const settleRuns = async ({ db, id }: Firing, now: number): Promise<void> => {
  for (const { taskId, at, outcome, wasClosed } of await endedRuns(db))
    await db.transaction().execute(async (transaction) => {
      const task = await lockedTask(transaction, taskId);
      const { numUpdatedRows } = await transaction
        .updateTable("task_runs")
        .set({ outcome })
        .where("task_id", "=", taskId)
        .where("at", "=", at)
        .where("outcome", "=", sql.lit("running"))
        .executeTakeFirst();
      if (task === undefined || numUpdatedRows === 0n || wasClosed) return;
      const failures = outcome === "failed" ? task.failures + 1 : 0;
      await transaction.updateTable("tasks").set({ failures }).where("id", "=", taskId).execute();
      if (failures >= mostFailures && task.status === "active")
        await pause(transaction, task, `its last ${failures} runs failed`, { now, id });
    });
};

/** Pauses a task, and tells the owners. `why` is a clause. */
const pause = async (
  transaction: Database,
  task: TaskRow,
  why: string,
  { now, id }: { readonly now: number; readonly id: (prefix: string) => string },
): Promise<void> => {
  await transaction
    .updateTable("tasks")
    .set({ status: "paused", paused_because: why })
    .where("id", "=", task.id)
    .execute();
  const text = `The task ${task.id} (${shortText(task.text)}) is paused: ${why}. To run it again: ncl tasks resume ${task.id}`;
  await noteOwners(transaction, [{ id: id("on"), created_at: iso(now), text }]);
};

const iso = (time: number): string => new Date(time).toISOString();
