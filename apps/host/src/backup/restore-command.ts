import { resolve } from "node:path";
import {
  decrypterOf,
  explainBackup,
  openBackup,
  restoreBackup,
  verifyBackup,
  type Decrypter,
  type OpenBackup,
  type ReadBackup,
} from "@gatehouse/backup";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { accountOf, noteActOfOwner } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";
import { fail, ok, shellWord, visible, type Result } from "@gatehouse/std";
import { keysOf, type KeyFlags } from "./key-files.ts";

/** Reads a whole backup, and says whether it is as it was written. Returns the exit code. */
export const verifyCommand = async (named: string, flags: KeyFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const file = resolve(io.cwd, named);
  const verified = await withBackup(file, flags, (opened, decrypter) =>
    verifyBackup(opened, { decrypter, signal: io.signal }),
  );
  if (!verified.ok) return failed(verified.error, isJson, io);
  const { about, entries, notInIt, isEncrypted } = verified.value;
  if (isJson) printJson(io, { ok: true, file, ...about, isEncrypted, entries, notInIt });
  else io.stdout.write(`${file} is whole: ${factsOf(verified.value)}.\n`);
  if (!isJson) warnOfMissing(verified.value, io);
  return 0;
};

/** The flags of `gatehouse restore`, parsed. */
export type RestoreFlags = KeyFlags & {
  readonly data?: string;
  readonly inPlaceOf?: boolean;
  readonly beside?: boolean;
};

/** Makes a new data folder from a backup. Returns the exit code. */
export const restoreCommand = async (named: string, flags: RestoreFlags, io: Io): Promise<number> => {
  const { json: isJson = false, inPlaceOf = false, beside = false } = flags;
  if (inPlaceOf && beside) return failed(bothMeant, isJson, io);
  const dataDir = dataFolder(io.env, flags.data);
  const account = accountOf(io.env);
  const leftOut: string[] = [];
  const removed: string[] = [];
  let pausedTasks = 0;
  const restored = await withBackup(resolve(io.cwd, named), flags, (opened, decrypter) =>
    restoreBackup(opened, {
      dataDir,
      as: inPlaceOf ? "in-place-of" : beside ? "beside" : null,
      decrypter,
      signal: io.signal,
      leftOut: (path) => leftOut.push(path),
      removed: (folder) => removed.push(folder),
      paused: (tasks) => (pausedTasks = tasks),
    }),
  );
  if (!restored.ok) return failed(restored.error, isJson, io);
  const { about, entries, notInIt } = restored.value;
  await noteActOfOwner(dataDir, { command: "restore", args: { from: about.from } }, io, account);
  if (isJson)
    printJson(io, {
      ok: true,
      data: dataDir,
      ...about,
      entries,
      notInIt,
      leftOut,
      pausedTasks,
      removed,
      isMarked: !inPlaceOf && !beside,
    });
  else io.stdout.write(textOf(restored.value, { dataDir, inPlaceOf, beside, leftOut, pausedTasks, removed }));
  if (!isJson) warnOfMissing(restored.value, io);
  return 0;
};

const bothMeant: Failure = {
  code: "usage",
  message: "--in-place-of says that the host of the backup is gone, --beside that it goes on.",
  fix: "give one of them, or none and decide at the first gatehouse up",
};

const failed = (error: Failure, isJson: boolean, io: Io): number => {
  printFailure(io, isJson, error);
  if (error.code === "cancelled") return 130;
  return error.code === "usage" ? 2 : 1;
};

/** Opens a backup and reads the keys, runs `use`, and closes the backup. */
const withBackup = async <T>(
  file: string,
  flags: KeyFlags,
  use: (opened: OpenBackup, decrypter: Decrypter | null) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> => {
  const keys = await keysOf(flags);
  if (!keys.ok) return keys;
  const hasKeys = keys.value.identities.length > 0 || keys.value.passphrase !== null;
  const decrypter = hasKeys ? decrypterOf(keys.value) : ok(null);
  if (!decrypter.ok) return fail(noIdentity(decrypter.error));
  const opened = await openBackup(file);
  if (!opened.ok) return fail(explainBackup(opened.error));
  try {
    return await use(opened.value, decrypter.value);
  } finally {
    await opened.value.handle.close();
  }
};

const noIdentity = (line: number): Failure => ({
  code: "usage",
  message: `Line ${line} of the identity file is no identity of age.`,
  fix: "name the file that age-keygen wrote, with a line that begins with AGE-SECRET-KEY-1",
});

const factsOf = ({ about, entries, isEncrypted }: ReadBackup): string => {
  const schema = about.schema === null ? "the database was on PostgreSQL" : `the schema ${about.schema}`;
  return `${entries} entries of ${visible(about.from)}, ${about.createdAt}, by Gatehouse ${visible(about.version)}, ${schema}, ${about.hasSecrets ? "with" : "without"} secrets${isEncrypted ? ", encrypted" : ""}`;
};

const warnOfMissing = ({ notInIt }: ReadBackup, io: Io): void => {
  for (const { path, why } of notInIt)
    io.stderr.write(`warning: not in it: ${visible(path)} (${visible(why)})\n`);
};

type Told = Required<Pick<RestoreFlags, "inPlaceOf" | "beside">> & {
  readonly dataDir: string;
  readonly leftOut: readonly string[];
  readonly pausedTasks: number;
  readonly removed: readonly string[];
};

const textOf = (
  restored: ReadBackup,
  { dataDir, inPlaceOf, beside, leftOut, pausedTasks, removed }: Told,
): string => {
  const named = `--data ${shellWord(dataDir)}`;
  const next =
    inPlaceOf || beside
      ? `Next: gatehouse up ${named}`
      : `Next: if that host is gone for good, gatehouse up --in-place-of ${named}. Else do not start this one: restore again with --beside.`;
  const left =
    leftOut.length === 0 ? [] : [`Left out, as that host goes on: ${leftOut.map(visible).join(", ")}.`];
  const paused =
    pausedTasks === 0
      ? []
      : [
          `Paused, as that host runs them: ${pausedTasks} ${pausedTasks === 1 ? "task" : "tasks"} (ncl tasks list).`,
        ];
  const schema = "An older schema is migrated at the first start.";
  const gone = removed.map((folder) => `Removed ${visible(folder)}, which a killed restore left.`);
  return [`Restored ${dataDir}: ${factsOf(restored)}.`, ...left, ...paused, ...gone, schema, next, ""].join(
    "\n",
  );
};
