import { resolve } from "node:path";
import type { CentralPlace } from "@gatehouse/central-database";
import { dataFolder } from "@gatehouse/fs-kit";
import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { actForOwner, aloneWithCentral } from "@gatehouse/data-folder";
import {
  importNanoclaw,
  readNanoclaw,
  type ImportReport,
  renderConflicts,
  renderImport,
  renderUnconfirmed,
  tryImport,
} from "@gatehouse/nanoclaw-import";
import { nextStep, pathStep } from "@gatehouse/first-run/next-step";

/** The flags of `gatehouse import`, parsed. */
export type ImportFlags = DatabaseFlags & {
  readonly data?: string;
  readonly dryRun?: boolean;
  /** True if a person has read and wants the owners and programs of the source. */
  readonly yes?: boolean;
  readonly json?: boolean;
};

/**
 * Imports a nanoclaw folder into a data folder without a running host. With `--dry-run`, only reports what an import would
 * do. Prints the outcome, and returns the exit code.
 */
export const importCommand = async (folder: string, flags: ImportFlags, io: Io): Promise<number> => {
  const { data, dryRun: isDry = false, yes: isConfirmed = false, json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const done = await imported(resolve(io.cwd, folder), { dataDir, ...chosen }, { isDry, isConfirmed });
  if (!done.ok) {
    printFailure(io, isJson, done.error);
    if (!isJson && "conflicts" in done.error) io.stderr.write(renderConflicts(done.error.conflicts ?? []));
    if (!isJson && "unconfirmed" in done.error && done.error.unconfirmed !== undefined)
      io.stderr.write(renderUnconfirmed(done.error.unconfirmed));
    return 1;
  }
  if (isJson) printJson(io, { ok: true, ...done.value });
  else
    io.stdout.write(
      renderImport(
        done.value,
        isDry
          ? `Run it ${hasConfirmable(done.value) ? "with --yes in place of" : "without"} --dry-run to do this.`
          : [...pathStep(io.env), nextStep(flags, dataDir)].join("\n"),
      ),
    );
  return 0;
};

const hasConfirmable = ({ rights, programs, tasks }: ImportReport): boolean =>
  rights.length + programs.length + tasks.length > 0;

/** Imports with the rights of the data folder's owner. A source that cannot be read leaves no database there. */
const imported = async (
  folder: string,
  place: CentralPlace,
  { isDry, isConfirmed }: { readonly isDry: boolean; readonly isConfirmed: boolean },
): ReturnType<typeof tryImport> => {
  const { dataDir } = place;
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const now = (): string => new Date().toISOString();
  const source = await readNanoclaw(folder, now());
  if (!source.ok) return source;
  const deps = { dataDir, now, isConfirmed };
  return isDry
    ? tryImport(place, deps, source.value)
    : aloneWithCentral(place, now, (central) => importNanoclaw(central, deps, source.value));
};
