import { rm } from "node:fs/promises";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { explainOpen, openCentralAt, type Central } from "@gatehouse/central-database";
import { inTransaction } from "@gatehouse/command-context";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder } from "@gatehouse/fs-kit";
import {
  keyFileVariable,
  makeSettingsKey,
  readSettingsKey,
  resealAll,
  type ResealProblem,
  type SettingsKey,
} from "@gatehouse/shared-settings";
import { fail, ok, type Result } from "@gatehouse/std";

export type RekeyFlags = DatabaseFlags & { readonly data?: string; readonly json?: boolean };

/**
 * `gatehouse secrets rekey`: makes a file with a new key, and seals the secrets in the database with it that the key of
 * GATEHOUSE_KEY_FILE has sealed. Returns the exit code.
 */
export const rekeyCommand = async (file: string, flags: RekeyFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const done = await rekey(file, { dataDir: dataFolder(io.env, flags.data), ...chosen }, io);
  if (!done.ok) {
    printFailure(io, isJson, done.error);
    return 1;
  }
  const next = `Give the file to each host, and start it with ${keyFileVariable}=${file}.`;
  if (isJson) printJson(io, { ok: true, file, resealed: done.value, next });
  else
    io.stdout.write(
      `${paintFor(io).good("made")} the key file ${file}; ${done.value} files of secrets are sealed with it\n${next}\n`,
    );
  return 0;
};

type Place = Pick<Parameters<typeof openCentralAt>[0], "dataDir" | "database">;

/** Returns how many files of secrets were sealed anew. */
const rekey = async (file: string, place: Place, io: Io): Promise<Result<number, Failure>> => {
  if (place.database === null)
    return fail({
      code: "one-host",
      message:
        "The database is a file, which has one host: its secrets are in its data folder, and need no key.",
      fix: "for several hosts: --database postgresql://...",
    });
  const oldFile = io.env[keyFileVariable] || null;
  const old = oldFile === null ? ok(null) : await readSettingsKey(oldFile);
  if (!old.ok) return fail({ code: "settings-key", message: old.error });
  const central = await openCentralAt({ ...place, isShared: true });
  if (!central.ok) return fail(explainOpen(central.error));
  const { db, close } = central.value;
  try {
    const sealed = await db
      .selectFrom("shared_settings")
      .select("name")
      .where("key_id", "is not", null)
      .execute();
    if (old.value === null && sealed.length > 0)
      return fail({
        code: "settings-key",
        message: `${sealed.length} files of secrets are sealed in the database, and no key opens them here.`,
        fix: `name the file of the present key: ${keyFileVariable}=FILE gatehouse secrets rekey NEW_FILE`,
      });
    return await sealWithNew(db, old.value, file);
  } finally {
    await close();
  }
};

/**
 * Makes a file with a new key, and seals all secrets with it that `old` has sealed; null if there are none. After a failure
 * the database is as before, and the new file is gone.
 */
export const sealWithNew = async (
  db: Central["db"],
  old: SettingsKey | null,
  file: string,
): Promise<Result<number, Failure>> => {
  const made = await makeSettingsKey(file);
  if (!made.ok) return fail({ code: "settings-key", message: made.error });
  if (old === null) return ok(0);
  let mayBeSealed = false;
  try {
    return await inTransaction(db, async (transaction) => {
      const resealed = await resealAll(transaction, old, made.value);
      mayBeSealed = resealed.ok;
      return resealed.ok ? resealed : fail(explainReseal(resealed.error));
    });
  } finally {
    // The answer to a commit may be lost: then the file may be the only key.
    if (!mayBeSealed) await rm(file, { force: true });
  }
};

const explainReseal = (problem: ResealProblem): Failure =>
  problem.code === "other-key"
    ? {
        code: "settings-key",
        message: `The key of ${keyFileVariable} does not open all secrets in the database. Nothing was changed there.`,
        fix: "name the file of the key with which the hosts run",
      }
    : {
        code: "settings-changed",
        message: `A host has just changed ${problem.name}. Nothing was changed in the database, and no key file was made.`,
        fix: "the same command again",
      };
