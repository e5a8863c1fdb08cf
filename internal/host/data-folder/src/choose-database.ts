import type { Command } from "commander";
import { printFailure, type Io } from "@gatehouse/cli-kit";
import { chooseAddress, type PostgresAddress } from "@gatehouse/postgres";

/** The flag that names the database. */
export type DatabaseFlags = { readonly database?: string };

export const addDatabaseOption = (command: Command): Command =>
  command.option(
    "--database <address>",
    "a PostgreSQL database, without a password (default: GATEHOUSE_DATABASE, else a file in the data folder)",
  );

/** The chosen database; null for the data folder's own file. */
export type ChosenDatabase = { readonly database: PostgresAddress | null };

/** Reads the database from the flag, else from GATEHOUSE_DATABASE. Prints an invalid address and returns null: exit code 2. */
export const chooseDatabase = (
  { database, json = false }: DatabaseFlags & { readonly json?: boolean },
  io: Io,
): ChosenDatabase | null => {
  const chosen = chooseAddress(io.env, database);
  if (chosen.ok) return { database: chosen.value };
  printFailure(io, json, chosen.error);
  return null;
};
