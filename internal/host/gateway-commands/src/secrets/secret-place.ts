import type { Failure, Io } from "@gatehouse/cli-kit";
import { groupNamed, type GroupName } from "@gatehouse/central-database";
import { ok, type Result } from "@gatehouse/std";
import { type FolderOutcome, runInFolder } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";

/** The flags of all `gatehouse secrets` commands, parsed. */
export type SecretsFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly group?: string;
  /** `--command`: the words after `--` are a command that prints the key. */
  readonly command?: boolean;
};

/** The data folder, and the group that `--group` names; null for all groups. */
export type SecretPlace = { readonly dataDir: string; readonly group: GroupName | null };

/** Calls `work` with the data folder and the group, as the folder's owner. Prints the outcome, returns the exit code. */
export const inSecretPlace = async (
  flags: SecretsFlags,
  io: Io,
  work: (place: SecretPlace) => Promise<Result<FolderOutcome, Failure>>,
): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  return runInFolder(flags, io, async (dataDir) => {
    const named = flags.group;
    const group = named === undefined ? ok(null) : await groupNamed(named, { dataDir, ...chosen });
    return group.ok ? work({ dataDir, group: group.value }) : group;
  });
};
