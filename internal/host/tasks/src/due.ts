import { type Occurrences, occurrencesOf, type Schedule } from "./schedule.ts";

/**
 * Which of the times that passed, while the task could not run, it runs for: only the latest, all (the newest 24, oldest
 * first), or the latest if it is on time.
 */
export type MissedPolicy = "latest" | "all" | "skip";

/** What decides which runs of a task are due. Times are ms since 1970. */
export type DueTask = {
  readonly id: string;
  readonly schedule: Schedule;
  /** The first time that has neither run nor been missed, as the task's row has it; null after the last one. */
  readonly next: number | null;
  readonly missed: MissedPolicy;
  /** How late it may run, ms. Null: any time, and a minute with `skip`. */
  readonly within: number | null;
};

/** One time of a task. Its id is the id of the message that the agent gets, so that it gets it once. */
export type Occurrence = { readonly id: string; readonly at: number };

/** The times that a task did not run for. */
export type Missed = {
  /** Counting ends at 1,000. */
  readonly count: number;
  readonly first: number;
  readonly last: number;
};

export type Due = {
  /** Oldest first. */
  readonly fire: readonly Occurrence[];
  /** All before the times in `fire`. */
  readonly missed: Missed | null;
  /** The next time of the task after this; null if none is left. */
  readonly next: number | null;
};

const most = { latest: 1, all: 24, skip: 1 } as const satisfies Record<MissedPolicy, number>;
const onTime = 60_000;
const countedMost = 1000;

/** Most tasks of a group that have not ended. */
export const mostTasks = 50;

/**
 * The runs that are due at `now`, ms. The row gets `next` in the transaction that keeps the messages. The next time only moves
 * forward, so a clock that steps back repeats no run: the task waits until the clock shows its next time.
 */
export const dueNow = ({ id, schedule, next, missed, within }: DueTask, now: number): Due => {
  if (next === null || now < next) return { fire: [], missed: null, next };
  const { after, upTo } = occurrencesOf(schedule);
  // The row's time counts, also where the timezone database has changed since and the schedule lacks it.
  const before = (time: number): number => Math.max(next, upTo(time) ?? next);
  const oldest = Math.max(next, now - (within ?? (missed === "skip" ? onTime : Infinity)));
  const times: number[] = [];
  let last = before(now);
  while (last >= oldest && times.length < most[missed]) {
    times.unshift(last);
    if (last === next) break;
    last = before(last - 1);
  }
  const hasMissed = times[0] !== next;
  return {
    fire: times.map((at) => ({ id: occurrenceId(id, at), at })),
    missed: hasMissed ? { count: count(after, next, last), first: next, last } : null,
    next: after(now),
  };
};

const count = (after: Occurrences["after"], first: number, last: number): number => {
  let counted = 1;
  for (let time = after(first); time !== null && time <= last && counted < countedMost; time = after(time))
    counted += 1;
  return counted;
};

/** `TASK@2026-12-01T07:00:00.000Z`. It is a folder's name, too: a message's files are in a folder with its id. */
export const occurrenceId = (taskId: string, at: number): string => `${taskId}@${new Date(at).toISOString()}`;

/**
 * The next time of a task whose schedule was made, changed or resumed at `now`, ms. `fired`: its last time that has run or been
 * missed, null for none. The new schedule has no time before it, so that a time does not run twice after the clock stepped back.
 */
export const firstTime = (schedule: Schedule, now: number, fired: number | null): number | null =>
  occurrencesOf(schedule).after(Math.max(now, fired ?? now));
