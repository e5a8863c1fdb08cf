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
  type Resealed,
  type SettingsKey,
} from "@gatehouse/shared-settings";
import { fail, ok, type Result } from "@gatehouse/std";

export type RekeyFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly force?: boolean;
};

/**
 * `gatehouse secrets rekey`: makes a file with a new key, and seals the secrets in the database with it that the key of
 * GATEHOUSE_KEY_FILE has sealed. With `--force` it removes those that this key does not open. Returns the exit code.
 */
export const rekeyCommand = async (file: string, flags: RekeyFlags, io: Io): Promise<number> => {
  const { json: isJson = false, force = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const done = await rekey(file, { dataDir: dataFolder(io.env, flags.data), ...chosen }, force, io);
  if (!done.ok) {
    printFailure(io, isJson, done.error);
    return 1;
  }
  const next = `Give the file to each host, and start it with ${keyFileVariable}=${file}.`;
  const { resealed, unopened: removed } = done.value;
  if (isJson) printJson(io, { ok: true, file, resealed, removed, next });
  else {
    const lost = removed.map(
      (name) =>
        `removed from the database: ${name}, which the key did not open; the first host that starts with the new key shares its file\n`,
    );
    io.stdout.write(
      `${paintFor(io).good("made")} the key file ${file}; ${resealed} files of secrets are sealed with it\n${lost.join("")}${next}\n`,
    );
  }
  return 0;
};

type DatabaseOfHost = Pick<Parameters<typeof openCentralAt>[0], "dataDir" | "database">;

const rekey = async (
  file: string,
  place: DatabaseOfHost,
  force: boolean,
  io: Io,
): Promise<Result<Resealed, Failure>> => {
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
    return await sealWithNew(db, { old: old.value, file, force });
  } finally {
    await close();
  }
};

/**
 * Makes a file with a new key, and seals all secrets with it that `old` has sealed. Fails if there are others, unless `force`
 * removes them. After a failure the database is as before, and the new file is gone.
 */
export const sealWithNew = async (
  db: Central["db"],
  { old, file, force }: { readonly old: SettingsKey | null; readonly file: string; readonly force: boolean },
): Promise<Result<Resealed, Failure>> => {
  const made = await makeSettingsKey(file);
  if (!made.ok) return fail({ code: "settings-key", message: made.error });
  let mayBeSealed = false;
  try {
    return await inTransaction(db, async (transaction) => {
      const now = new Date().toISOString();
      const done = await resealAll(transaction, { from: old, to: made.value, now });
      mayBeSealed = force || done.unopened.length === 0;
      return mayBeSealed ? ok(done) : fail(explainUnopened(done.unopened, old === null));
    });
  } finally {
    // The answer to a commit may be lost: then the file may be the only key.
    if (!mayBeSealed) await rm(file, { force: true });
  }
};

const explainUnopened = (names: readonly string[], isWithoutKey: boolean): Failure => ({
  code: "settings-key",
  message: isWithoutKey
    ? `Files of secrets are sealed in the database, and no key opens them here: ${names.join(", ")}. Nothing was changed there.`
    : `The key of ${keyFileVariable} does not open these secrets in the database: ${names.join(", ")}. Nothing was changed there.`,
  fix: `name the file of the key with which the hosts run: ${keyFileVariable}=FILE gatehouse secrets rekey NEW_FILE; if no key opens them any more, --force removes them there, and a host shares its own files anew`,
});
