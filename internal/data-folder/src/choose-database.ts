import type { Command } from "commander";
import { printFailure, type Io } from "@gatehouse/cli-kit";
import { chooseAddress, type PostgresAddress } from "@gatehouse/postgres";

/** The flag that names the database, in every command that has it. */
export type DatabaseFlags = { readonly database?: string };

export const addDatabaseOption = (command: Command): Command =>
  command.option(
    "--database <address>",
    "a PostgreSQL database, without a password (default: GATEHOUSE_DATABASE, else a file in the data folder)",
  );

/** The database that was chosen; null for the data folder's own file. */
export type ChosenDatabase = { readonly database: PostgresAddress | null };

/** Null after a refusal, which it prints: the exit code is 2 then. */
export const chooseDatabase = (
  { database, json = false }: DatabaseFlags & { readonly json?: boolean },
  io: Io,
): ChosenDatabase | null => {
  const chosen = chooseAddress(io.env, database);
  if (chosen.ok) return { database: chosen.value };
  printFailure(io, json, chosen.error);
  return null;
};
