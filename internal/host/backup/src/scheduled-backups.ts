import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "@gatehouse/cli-kit";
import { coalesced, fail, ok, parseJson, type Result } from "@gatehouse/std";
import { attempt } from "@gatehouse/sqlite";
import { runToEnd } from "@gatehouse/npm-fetch";
import { keepRuns, planOf, readRuns, readSchedule, type Runs, type Schedule } from "./kept-schedule.ts";

export type ScheduledBackups = {
  readonly dataDir: string;
  /** The words that start this program. */
  readonly program: readonly string[];
  /** The environment of the program; it names the database. */
  readonly env: NodeJS.ProcessEnv;
  /** Leaves a notice for the owners. One whose id was left already is not left again. */
  readonly tellOwners: (id: string, text: string) => Promise<void>;
  readonly log: (event: string, fields: Readonly<Record<string, string | number>>) => void;
  readonly report: (error: unknown) => void;
};

/** The interval of looks at the schedule, ms. */
const lookEveryMs = 60_000;

/**
 * Makes the backups of a data folder's schedule, now and at each look. Each is made by a process of its own, because hashes
 * and encryption would hold up the host. Returns a function that ends a running one and waits for it.
 */
export const startScheduledBackups = (options: ScheduledBackups): (() => Promise<void>) => {
  const ended = new AbortController();
  const { run: look, idle } = coalesced(() => lookOnce(options, ended.signal), options.report);
  void look();
  const timer = setInterval(() => void look(), lookEveryMs);
  return async () => {
    clearInterval(timer);
    ended.abort();
    await idle();
  };
};

const lookOnce = async (options: ScheduledBackups, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  const { dataDir, tellOwners, log } = options;
  const now = Date.now();
  const schedule = await readSchedule(dataDir);
  if (!schedule.ok) return tellOwners("backup-schedule-unreadable", textOf(schedule.error));
  if (schedule.value === null) return;
  const { setAt, to } = schedule.value;
  const { made, failure, nextAt } = planOf(schedule.value, await readRuns(dataDir), now);
  if (nextAt > now) return;
  const file = join(to, nameOf(schedule.value, now));
  // A host that is killed meanwhile still knows the file as its own.
  const begun = [...made, { file, at: now }];
  if (!(await keep(options, { begun, failure }))) return;
  const done = await backUp(options, schedule.value, file, signal);
  if (signal.aborted) return;
  if (!done.ok) {
    const { code, message, fix } = done.error;
    const since = failure?.since ?? now;
    await keep(options, {
      begun: made,
      failure: { since, at: now, setAt, message, ...(fix === undefined ? {} : { fix }) },
    });
    log("backup-failed", { file, code });
    return tellOwners(
      `backup-failed/${since}`,
      `The backup of ${dataDir} by its schedule failed: ${textOf(done.error)} It is tried again within an hour.`,
    );
  }
  log("backup-made", { file, ...done.value });
  const newest = begun.slice(-schedule.value.keep);
  for (const each of begun.slice(0, -newest.length)) await rm(each.file, { force: true });
  await keep(options, { begun: newest, failure: null });
};

/** Notes what became of the backups. False on a full disk, with a notice for the owners. */
const keep = async ({ dataDir, tellOwners, log }: ScheduledBackups, runs: Runs): Promise<boolean> => {
  const kept = await attempt(() => keepRuns(dataDir, runs));
  if (kept.ok) return true;
  const file = join(dataDir, "backup-runs.json");
  log("backup-failed", { file, code: "backup-schedule-unwritable" });
  const fix = "make room on the disk of the data folder";
  const message = `${file} cannot be written (${kept.error}), so the backups by the schedule may be missing.`;
  await tellOwners("backup-runs-unwritable", textOf({ code: "backup-schedule-unwritable", message, fix }));
  return false;
};

const textOf = ({ message, fix }: Failure): string =>
  `${message}${fix === undefined ? "" : ` To fix it: ${fix}.`}`;

/** `gatehouse-20261129T030000Z.tar`, or `.age` for an encrypted one. */
const nameOf = ({ recipients, passphraseFile }: Schedule, now: number): string => {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  return `gatehouse-${time}.${recipients.length > 0 || passphraseFile !== null ? "age" : "tar"}`;
};

/** Runs `gatehouse backup`. */
const backUp = async (
  { dataDir, program, env }: ScheduledBackups,
  { withSecrets, recipients, passphraseFile }: Schedule,
  file: string,
  signal: AbortSignal,
): Promise<Result<{ readonly bytes: number; readonly notInIt: number }, Failure>> => {
  const [command = "", ...words] = program;
  const args = [
    ...[...words, "backup", file, "--data", dataDir, "--json"],
    ...(withSecrets ? ["--with-secrets"] : []),
    ...recipients.flatMap((recipient) => ["--recipient", recipient]),
    ...(passphraseFile === null ? [] : ["--passphrase-file", passphraseFile]),
  ];
  const { exitCode, stdout, stderr } = await runToEnd(command, args, { env, signal });
  const printed = parseJson(stdout) as Partial<Printed> | null;
  if (printed?.ok === true) return ok({ bytes: printed.bytes ?? 0, notInIt: printed.notInIt?.length ?? 0 });
  return fail(
    printed?.error ?? {
      code: "backup-ended",
      message: `gatehouse backup ended with ${exitCode ?? "a signal"} (${stderr.trim().slice(-300)}).`,
    },
  );
};

/** What `gatehouse backup --json` prints. */
type Printed = {
  readonly ok: boolean;
  readonly bytes: number;
  readonly notInIt: readonly unknown[];
  readonly error: Failure;
};
