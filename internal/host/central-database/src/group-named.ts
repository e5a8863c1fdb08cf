import type { Failure } from "@gatehouse/cli-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import type { CentralPlace } from "./open-central-at.ts";
import { readCentral } from "./read-central.ts";

/** The names by which a command can name a group. */
export type GroupName = { readonly id: string; readonly name: string; readonly folder: string };

/** Reads all groups of a host, also while the host runs; none without a database. */
export const readGroups = async (place: CentralPlace): Promise<Result<readonly GroupName[], Failure>> => {
  const read = await readCentral(place, (db) =>
    db.selectFrom("agent_groups").select(["id", "name", "folder"]).orderBy("name").execute(),
  );
  return read.ok ? ok(read.value ?? []) : read;
};

/** Finds the group that a person means by an id, a name or a folder. */
export const groupNamed = async (named: string, place: CentralPlace): Promise<Result<GroupName, Failure>> => {
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
