import type { Command } from "commander";
import { printFailure, type Io } from "@gatehouse/cli-kit";
import { chooseAddress, type PostgresAddress } from "@gatehouse/postgres";

/** The flag that chooses the database. */
export type DatabaseFlags = { readonly database?: string };

export const addDatabaseOption = (command: Command): Command =>
  command.option(
    "--database <address>",
    "a PostgreSQL database, without a password (default: GATEHOUSE_DATABASE, else a file in the data folder)",
  );

/** The chosen database; null for the file in the data folder. */
export type ChosenDatabase = { readonly database: PostgresAddress | null };

/** Reads the database from the flag, or else from GATEHOUSE_DATABASE. For an invalid address, prints the error and returns null. */
export const chooseDatabase = (
  { database, json = false }: DatabaseFlags & { readonly json?: boolean },
  io: Io,
): ChosenDatabase | null => {
  const chosen = chooseAddress(io.env, database);
  if (chosen.ok) return { database: chosen.value };
  printFailure(io, json, chosen.error);
  return null;
};
