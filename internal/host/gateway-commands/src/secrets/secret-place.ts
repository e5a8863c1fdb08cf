import type { Failure, Io } from "@gatehouse/cli-kit";
import { type CentralPlace, readCentral } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import { type Outcome, runInFolder } from "@gatehouse/data-folder";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";

/** The names by which a command can name a group. */
export type GroupName = { readonly id: string; readonly name: string; readonly folder: string };

/** Reads all groups of a host, also while the host runs; none without a database. */
export const readGroups = async (place: CentralPlace): Promise<Result<readonly GroupName[], Failure>> => {
  const read = await readCentral(place, (db) =>
    db.selectFrom("agent_groups").select(["id", "name", "folder"]).orderBy("name").execute(),
  );
  return read.ok ? ok(read.value ?? []) : read;
};

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
  work: (place: SecretPlace) => Promise<Result<Outcome, Failure>>,
): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  return runInFolder(flags, io, async (dataDir) => {
    const group = await groupNamed(flags.group, { dataDir, ...chosen });
    return group.ok ? work({ dataDir, group: group.value }) : group;
  });
};

const groupNamed = async (
  named: string | undefined,
  place: Parameters<typeof readGroups>[0],
): Promise<Result<GroupName | null, Failure>> => {
  if (named === undefined) return ok(null);
  const groups = await readGroups(place);
  if (!groups.ok) return groups;
  const found = groups.value.filter(({ id, name, folder }) => [id, name, folder].includes(named));
  const exact = found.find(({ id }) => id === named) ?? (found.length === 1 ? found[0] : undefined);
  return exact === undefined ? fail(noGroup(named, found.length > 0 ? found : groups.value)) : ok(exact);
};

const noGroup = (named: string, groups: readonly GroupName[]): Failure => ({
  code: "no-such-group",
  message: `The name ${JSON.stringify(named)} does not identify one group.`,
  fix: `name one of: ${groups.map(({ id, name }) => `${name} (${id})`).join(", ") || "none yet"}`,
});
