import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  placeFailure,
  keepSchedule,
  scheduleState,
  scheduleText,
  spanMs,
  type Schedule,
} from "@gatehouse/backup";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { runInFolder, type FolderOutcome } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { encrypterOf, type EncryptionFlags } from "./backup-command.ts";

/** The flags of `gatehouse backup --every`, parsed. */
export type ScheduleFlags = EncryptionFlags & {
  readonly data?: string;
  readonly json?: boolean;
  /** True without a span. */
  readonly every?: string | true;
  readonly to?: string;
  readonly keep?: number;
};

/** Sets, ends or shows the backups that a host makes by itself. Returns the exit code. */
export const scheduleCommand = async (flags: ScheduleFlags, io: Io): Promise<number> => {
  const { every, json: isJson = false } = flags;
  if (every === true) return show(dataFolder(io.env, flags.data), isJson, io);
  const wanted = every === "off" ? ok(null) : await settingOf(every ?? "", flags, io);
  if (!wanted.ok) {
    printFailure(io, isJson, wanted.error);
    return wanted.error.code === "usage" ? 2 : 1;
  }
  return runInFolder(flags, io, (dataDir) => set(dataDir, wanted.value));
};

const show = async (dataDir: string, isJson: boolean, io: Io): Promise<number> => {
  const state = await scheduleState(dataDir, Date.now());
  if (!state.ok) {
    printFailure(io, isJson, state.error);
    return 1;
  }
  if (isJson) printJson(io, { ok: true, data: dataDir, schedule: state.value });
  else io.stdout.write(`${state.value === null ? none : visible(scheduleText(state.value))}\n`);
  return 0;
};

const none = "No schedule is set: gatehouse backup --every 1d --keep 14 --to FOLDER sets one.";

type Setting = Omit<Schedule, "setAt">;

/** The default of `--keep`. */
const usualKeep = 14;

const settingOf = async (every: string, flags: ScheduleFlags, io: Io): Promise<Result<Setting, Failure>> => {
  const { to, keep = usualKeep, withSecrets = false, recipient: recipients = [] } = flags;
  const passphraseFile = flags.passphraseFile === undefined ? null : resolve(io.cwd, flags.passphraseFile);
  if (spanMs(every) === null) return fail(noSpan(every));
  if (to === undefined) return fail(noFolderNamed);
  const encrypter = await encrypterOf(flags);
  if (!encrypter.ok) return encrypter;
  return ok({ every, keep, to: resolve(io.cwd, to), withSecrets, recipients, passphraseFile });
};

const set = async (dataDir: string, setting: Setting | null): Promise<Result<FolderOutcome, Failure>> => {
  try {
    const problem = setting === null ? null : await problemOf(dataDir, setting.to);
    if (problem !== null) return fail(problem);
    await keepSchedule(dataDir, setting === null ? null : { ...setting, setAt: Date.now() });
  } catch (error) {
    return fail(unwritable(dataDir, systemCode(error)));
  }
  const args =
    setting === null
      ? { every: "off" }
      : {
          every: setting.every,
          keep: String(setting.keep),
          to: setting.to,
          secrets: setting.withSecrets ? "in it, encrypted" : "left out",
        };
  const act = { command: "backup --every", args };
  if (setting === null)
    return ok({
      document: { data: dataDir, schedule: null },
      text: "No more backups by a schedule. Those that were made stay.",
      act,
    });
  const state = await scheduleState(dataDir, Date.now());
  if (!state.ok) return state;
  const text = `Set: a backup each ${setting.every} to ${setting.to}, of which ${setting.keep} stay. The host makes the first one within a minute, or at its next start.`;
  return ok({ document: { data: dataDir, schedule: state.value }, text, act });
};

/** Why no backup can be written to a folder. */
const problemOf = async (dataDir: string, to: string): Promise<Failure | null> => {
  if (!existsSync(to) || !(await stat(to)).isDirectory()) return noFolder(to);
  return placeFailure(join(to, "gatehouse-0.tar"), dataDir);
};

const noSpan = (text: string): Failure => ({
  code: "usage",
  message: `"${text}" is no span of time.`,
  fix: "give a number with m, h, d or w, such as 12h or 1d; or off",
});

const noFolderNamed: Failure = {
  code: "usage",
  message: "No folder is named for the backups.",
  fix: "add --to FOLDER, best one on another disk",
};

const noFolder = (to: string): Failure => ({
  code: "no-folder",
  message: `There is no folder ${to}.`,
  fix: "make it, or mount its disk: a backup never makes the folder itself",
});

const unwritable = (dataDir: string, detail: string): Failure => ({
  code: "backup-schedule-unwritable",
  message: `The schedule cannot be written to ${dataDir} (${detail}).`,
  fix: "make room on its disk, and run it as the account that owns the folder",
});
