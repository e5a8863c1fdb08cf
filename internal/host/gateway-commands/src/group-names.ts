import type { Failure } from "@gatehouse/cli-kit";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import { ok, type Result } from "@gatehouse/std";

/** The names under which a person may know a group. */
export type GroupName = { readonly id: string; readonly name: string; readonly folder: string };

/** All groups of a host, also while it runs; none if there is no database yet. */
export const readGroups = async (place: CentralPlace): Promise<Result<readonly GroupName[], Failure>> => {
  const read = await readCentral(place, (db) =>
    db.selectFrom("agent_groups").select(["id", "name", "folder"]).orderBy("name").execute(),
  );
  return read.ok ? ok(read.value ?? []) : read;
};
