import { resolve } from "node:path";
import { encrypterFor, writeBackup, type Backup, type Encrypter, type Recipients } from "@gatehouse/backup";
import { createProgressLine, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { accountOf, noteActOfOwner } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { closedFolder, dataFolder, sizeText } from "@gatehouse/fs-kit";
import { keyFileVariable } from "@gatehouse/shared-settings";
import { fail, ok, shellWord, visible, type Result } from "@gatehouse/std";
import { keysOf } from "./key-files.ts";

/** The flags of `gatehouse backup`, parsed. */
export type BackupFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly withSecrets?: boolean;
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
};

/** Writes a backup, and says what is not in it. Returns the exit code: 0 also if some files may not be read. */
export const backupCommand = async (
  named: string,
  flags: BackupFlags,
  version: string,
  io: Io,
): Promise<number> => {
  const { json: isJson = false, withSecrets = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const dataDir = dataFolder(io.env, flags.data);
  const file = resolve(io.cwd, named);
  const asked = await encrypterOf(flags);
  const closed = closedFolder(dataDir, noFolder(dataDir));
  const encrypter = asked.ok && closed !== null ? fail(closed) : asked;
  if (!encrypter.ok) {
    printFailure(io, isJson, encrypter.error);
    return encrypter.error.code === "usage" ? 2 : 1;
  }
  const progress = io.stderr.isTTY === true && !isJson ? createProgressLine(io.stderr) : null;
  const keyFile = io.env[keyFileVariable] || null;
  const made = await writeBackup({
    dataDir,
    file,
    version,
    database: chosen.database === null ? "sqlite" : "postgresql",
    encrypter: encrypter.value,
    withSecrets,
    keyFile: keyFile === null ? null : resolve(keyFile),
    signal: io.signal,
    ...(progress === null ? {} : { progress: (bytes) => progress.show(`${sizeText(bytes)} written`) }),
  });
  progress?.end();
  if (!made.ok) {
    printFailure(io, isJson, made.error);
    return made.error.code === "cancelled" ? 130 : 1;
  }
  const args = { file, secrets: withSecrets ? "in it, encrypted" : "left out" };
  await noteActOfOwner(dataDir, { command: "backup", args }, io, accountOf(io.env));
  const { about, notInIt, ...counts } = made.value;
  const database = chosen.database?.shown ?? null;
  const command = database === null ? null : dumpCommand(database);
  const isEncrypted = encrypter.value !== null;
  if (isJson)
    printJson(io, {
      ok: true,
      file,
      data: dataDir,
      ...about,
      isEncrypted,
      ...counts,
      notInIt,
      database: { kind: about.database, command },
    });
  else io.stdout.write(textOf(made.value, { file, dataDir, isEncrypted, command }));
  for (const { path, why } of isJson ? [] : notInIt)
    io.stderr.write(`warning: not in it: ${visible(path)} (${visible(why)})\n`);
  return 0;
};

/** The flags that encrypt a backup, parsed. */
export type EncryptionFlags = Pick<BackupFlags, "withSecrets" | "recipient" | "passphraseFile">;

/** The encryption that the flags ask for; null for none. */
export const encrypterOf = async (flags: EncryptionFlags): Promise<Result<Encrypter | null, Failure>> => {
  const to = await recipientsOf(flags);
  if (!to.ok || to.value === null) return to as Result<null, Failure>;
  const encrypter = encrypterFor(to.value);
  return encrypter.ok ? encrypter : fail(unknownRecipient(encrypter.error));
};

/** For whom the flags encrypt. Null for nobody. */
const recipientsOf = async ({
  withSecrets = false,
  recipient = [],
  passphraseFile,
}: EncryptionFlags): Promise<Result<Recipients | null, Failure>> => {
  if (recipient.length > 0 && passphraseFile !== undefined) return fail(twoKinds);
  if (recipient.length > 0) return ok({ recipients: recipient });
  if (passphraseFile === undefined) return withSecrets ? fail(noRecipient) : ok(null);
  const keys = await keysOf({ passphraseFile });
  return keys.ok ? ok({ passphrase: keys.value.passphrase ?? "" }) : keys;
};

const twoKinds: Failure = {
  code: "usage",
  message: "A file of age is encrypted for recipients or with a passphrase, not both.",
  fix: "give --recipient or --passphrase-file",
};

const noRecipient: Failure = {
  code: "usage",
  message: "A backup with secrets is encrypted, and no key is named for that.",
  fix: "add --recipient age1... (age-keygen makes such a key), or --passphrase-file FILE",
};

const unknownRecipient = (recipient: string): Failure => ({
  code: "usage",
  message: `"${recipient}" is no recipient of age.`,
  fix: "a recipient begins with age1; age-keygen prints it as the public key",
});

const noFolder = (dataDir: string): Failure => ({
  code: "no-data-folder",
  message: `There is no data folder at ${dataDir}.`,
  fix: "name the data folder of a host with --data",
});

/** The shown address has no password. */
const dumpCommand = (shown: string): string =>
  `(umask 077; pg_dump --format=custom --file=gatehouse.dump ${shellWord(shown)})`;

type Told = {
  readonly file: string;
  readonly dataDir: string;
  readonly isEncrypted: boolean;
  readonly command: string | null;
};

const textOf = (
  { about, files, folders, links, bytes, secretsLeftOut }: Backup,
  { file, dataDir, isEncrypted, command }: Told,
): string => {
  const size = bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : sizeText(bytes);
  const what = `${files} files, ${folders} folders, ${links} links, ${size}${isEncrypted ? ", encrypted" : ""}`;
  const database =
    command === null
      ? `The database is in it as of ${about.createdAt}, at the schema ${about.schema ?? ""}.`
      : `The database is on PostgreSQL and not in it. To copy it too: ${command}`;
  const secrets = about.hasSecrets
    ? "Keys, secrets and tokens are in it."
    : `Left out: ${secretsLeftOut.length === 0 ? "no secrets were found" : `${secretsLeftOut.map(visible).join(", ")}; --with-secrets takes them too, and encrypts the file`}.`;
  return [`Backed up ${dataDir} to ${file}: ${what}.`, database, secrets, ""].join("\n");
};
