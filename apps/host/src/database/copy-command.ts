import { existsSync } from "node:fs";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { centralFile, copyToServer, type CopiedTable } from "@gatehouse/central-database";
import {
  accountOf,
  actForOwner,
  claimDataFolder,
  explainStart,
  noteActOfOwner,
} from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder } from "@gatehouse/fs-kit";
import type { PostgresAddress } from "@gatehouse/postgres";
import { fail, shellWord, type Result } from "@gatehouse/std";

/** The flags of `gatehouse database copy`, parsed. */
export type CopyFlags = DatabaseFlags & { readonly data?: string; readonly json?: boolean };

/** Copies the database of a stopped host to PostgreSQL, and says how the host uses it. Returns the exit code. */
export const copyCommand = async (flags: CopyFlags, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const { database } = chosen;
  if (database === null) {
    printFailure(io, isJson, noTarget);
    return 2;
  }
  const dataDir = dataFolder(io.env, flags.data);
  const account = accountOf(io.env);
  const copied = await copyAlone(dataDir, database, io.signal);
  if (!copied.ok) {
    printFailure(io, isJson, copied.error);
    return copied.error.code === "cancelled" ? 130 : 1;
  }
  await noteActOfOwner(dataDir, { command: "database copy", args: { to: database.shown } }, io, account);
  const file = centralFile(dataDir);
  if (isJson) printJson(io, { ok: true, file, database: database.shown, tables: copied.value });
  else io.stdout.write(textOf(copied.value, file, database, flags));
  return 0;
};

const noTarget: Failure = {
  code: "usage",
  message: "No PostgreSQL database is named.",
  fix: "gatehouse database copy --database 'postgresql:///NAME?host=/var/run/postgresql', or set GATEHOUSE_DATABASE",
};

/** Copies while no host can start in the data folder. Root acts as the folder's owner. */
const copyAlone = async (
  dataDir: string,
  database: PostgresAddress,
  signal: AbortSignal,
): Promise<Result<readonly CopiedTable[], Failure>> => {
  // Claiming a folder would make it.
  if (!existsSync(dataDir)) return copyToServer(dataDir, database, signal);
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return fail(explainStart(claimed.error));
  try {
    return await copyToServer(dataDir, database, signal);
  } finally {
    await claimed.value.release();
  }
};

const textOf = (
  copied: readonly CopiedTable[],
  file: string,
  { shown }: PostgresAddress,
  { database, data }: CopyFlags,
): string => {
  const width = Math.max(...copied.map(({ table }) => table.length));
  const total = copied.reduce((sum, { rows }) => sum + rows, 0);
  const up = `gatehouse up${data === undefined ? "" : ` --data ${shellWord(data)}`}`;
  return [
    ...copied.map(({ table, rows }) => `${table.padEnd(width)}  ${rows}`),
    `Copied ${total} rows of ${copied.length} tables from ${file} to ${shown}; each table has as many rows there.`,
    // The address of an argument has no password.
    `Next: ${database === undefined ? "" : `export GATEHOUSE_DATABASE=${shellWord(database)}; `}${up}`,
    `The file stays as it is. So that no host starts on it again: mv ${shellWord(file)} ${shellWord(`${file}.copied`)}`,
    "",
  ].join("\n");
};
