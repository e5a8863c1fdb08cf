import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "@gatehouse/cli-kit";
import { readKeptFile, replaceFile } from "@gatehouse/fs-kit";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import * as z from "zod";
import { nextBackup, spanMs } from "./schedule.ts";

/** The backups that a host makes by itself: `backup-schedule.json`. */
export type Schedule = {
  /** A span such as `1d`. */
  readonly every: string;
  /** How many of them stay. */
  readonly keep: number;
  /** The folder, an absolute path. */
  readonly to: string;
  readonly withSecrets: boolean;
  readonly recipients: readonly string[];
  readonly passphraseFile: string | null;
  /** Ms since 1970. */
  readonly setAt: number;
};

/** What became of them: `backup-runs.json`. It is in no backup, so a restored host removes no file of the other. */
export type Runs = {
  /** The files of this host that were begun, oldest first. One that failed is not there. */
  readonly begun: readonly { readonly file: string; readonly at: number }[];
  /** Of the last try; `since` is the first failure in a row, `setAt` that of its schedule. */
  readonly failure: {
    readonly since: number;
    readonly at: number;
    readonly setAt: number;
    readonly message: string;
    readonly fix?: string | undefined;
  } | null;
};

const scheduleSchema: z.ZodType<Schedule> = z.object({
  every: z.string().refine((text) => spanMs(text) !== null),
  keep: z.number().int().min(1),
  to: z.string(),
  withSecrets: z.boolean(),
  recipients: z.array(z.string()),
  passphraseFile: z.string().nullable(),
  setAt: z.number(),
});

const failureSchema = z.object({
  since: z.number(),
  at: z.number(),
  setAt: z.number(),
  message: z.string(),
  fix: z.string().optional(),
});

const runsSchema: z.ZodType<Runs> = z.object({
  begun: z.array(z.object({ file: z.string(), at: z.number() })),
  failure: failureSchema.nullable(),
});

const scheduleFileIn = (dataDir: string): string => join(dataDir, "backup-schedule.json");
const runsFileIn = (dataDir: string): string => join(dataDir, "backup-runs.json");

/** The schedule of a data folder; null without one. */
export const readSchedule = async (dataDir: string): Promise<Result<Schedule | null, Failure>> => {
  const file = scheduleFileIn(dataDir);
  const read = await readKeptFile(file);
  if (read.ok && read.value === null) return ok(null);
  const schedule = read.ok ? scheduleSchema.safeParse(parseJson(read.value ?? "")).data : undefined;
  if (schedule !== undefined) return ok(schedule);
  return fail({
    code: "backup-schedule-unreadable",
    message: `The schedule of backups cannot be read from ${file} (${read.ok ? "it is torn" : read.error}), so none are made.`,
    fix: "set it again: gatehouse backup --every 1d --keep 14 --to FOLDER",
  });
};

/** Sets the schedule; null ends it. Throws system errors. */
export const keepSchedule = (dataDir: string, schedule: Schedule | null): Promise<void> =>
  schedule === null
    ? rm(scheduleFileIn(dataDir), { force: true })
    : replaceFile(scheduleFileIn(dataDir), `${JSON.stringify(schedule)}\n`);

/** Only the host writes this file. A torn one counts as none: then older backups stay. */
export const readRuns = async (dataDir: string): Promise<Runs> => {
  const read = await readKeptFile(runsFileIn(dataDir));
  const runs = read.ok ? runsSchema.safeParse(parseJson(read.value ?? "")).data : undefined;
  return runs ?? { begun: [], failure: null };
};

export const keepRuns = (dataDir: string, runs: Runs): Promise<void> =>
  replaceFile(runsFileIn(dataDir), `${JSON.stringify(runs)}\n`);

/** The backups that are there, and the time of the next one, ms since 1970. */
export const planOf = (
  { every, setAt }: Schedule,
  { begun, failure }: Runs,
  now: number,
): { readonly made: Runs["begun"]; readonly failure: Runs["failure"]; readonly nextAt: number } => {
  const made = begun.filter(({ file }) => existsSync(file));
  // A new setting is tried at once.
  const last = failure?.setAt === setAt ? failure : null;
  const timing = { everyMs: spanMs(every) ?? 0, setAt, madeAt: made.at(-1)?.at ?? null };
  return { made, failure: last, nextAt: nextBackup({ ...timing, failedAt: last?.at ?? null }, now) };
};

/** A schedule and its state for people. Times are ISO 8601 in UTC. */
export type ScheduleState = Omit<Schedule, "setAt"> & {
  /** The newest backup that is there. */
  readonly last: { readonly file: string; readonly at: string } | null;
  readonly nextAt: string;
  readonly failure: { readonly since: string; readonly message: string; readonly fix: string | null } | null;
};

/** The schedule of a data folder and what became of it; null without one. */
export const scheduleState = async (
  dataDir: string,
  now: number,
): Promise<Result<ScheduleState | null, Failure>> => {
  const read = await readSchedule(dataDir);
  if (!read.ok || read.value === null) return read as Result<null, Failure>;
  const { setAt: _, ...schedule } = read.value;
  const { made, failure, nextAt } = planOf(read.value, await readRuns(dataDir), now);
  const last = made.at(-1);
  return ok({
    ...schedule,
    last: last === undefined ? null : { file: last.file, at: iso(last.at) },
    nextAt: iso(nextAt),
    failure:
      failure === null
        ? null
        : { since: iso(failure.since), message: failure.message, fix: failure.fix ?? null },
  });
};

const iso = (time: number): string => new Date(time).toISOString();

/** The schedule in one line, for people. */
export const scheduleText = ({ every, keep, to, last, nextAt, failure }: ScheduleState): string => {
  const head = `each ${every} to ${to}, of which ${keep} stay`;
  const before = last === null ? "none is there yet" : `the last is ${last.file}`;
  const next = failure === null ? `the next at ${nextAt}` : `the next try at ${nextAt}`;
  const trouble = failure === null ? "" : `; since ${failure.since} it fails: ${failure.message}`;
  return `${head}; ${before}; ${next}${trouble}${failure === null || failure.fix === null ? "" : ` To fix it: ${failure.fix}.`}`;
};
