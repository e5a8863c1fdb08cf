import type { Failure } from "@gatehouse/cli-kit";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import { resolveProvider } from "@nc/container-config";

/** The owner's group that an earlier run has made. */
export type OwnersGroup = {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly provider: string;
};

/** Reads the owner's group, also while a host runs; null if there is none yet. */
export const readOwnersGroup = async (place: CentralPlace): Promise<Result<OwnersGroup | null, Failure>> => {
  const read = await readCentral(place, (db) =>
    db
      .selectFrom("agent_groups")
      .innerJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
      .select(["id", "name", "folder", "provider"])
      .where("cli_scope", "=", "global")
      .orderBy("created_at")
      .orderBy("id")
      .executeTakeFirst(),
  );
  if (!read.ok) return read;
  const group = read.value;
  return group === null || group === undefined
    ? { ok: true, value: null }
    : { ok: true, value: { ...group, provider: resolveProvider({ agent_provider: null }, group) } };
};
