import { homedir } from "node:os";
import { resolve } from "node:path";
import { dataFolder } from "@gatehouse/fs-kit";
import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { chooseDatabase, type DatabaseFlags } from "../database/choose-database.ts";
import { aloneWithCentral } from "@gatehouse/data-folder";
import { importNanoclaw, renderConflicts, renderImport } from "@gatehouse/nanoclaw-import";
import { nextStep } from "../init/next-step.ts";

/** `gatehouse import`, parsed. */
export type ImportFlags = DatabaseFlags & { readonly data?: string; readonly json?: boolean };

/**
 * Imports a nanoclaw folder into a data folder in which no host runs. Prints the outcome and returns the exit
 * code.
 */
export const importCommand = async (folder: string, flags: ImportFlags, io: Io): Promise<number> => {
  const { data, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const now = (): string => new Date().toISOString();
  const home = io.env["HOME"] ?? homedir();
  const done = await aloneWithCentral({ dataDir, ...chosen }, now, (central) =>
    importNanoclaw(central, { dataDir, home, now }, resolve(io.cwd, folder)),
  );
  if (!done.ok) {
    printFailure(io, isJson, done.error);
    if (!isJson && "conflicts" in done.error) io.stderr.write(renderConflicts(done.error.conflicts ?? []));
    return 1;
  }
  if (isJson) printJson(io, { ok: true, ...done.value });
  else io.stdout.write(renderImport(done.value, nextStep(flags, dataDir)));
  return 0;
};
