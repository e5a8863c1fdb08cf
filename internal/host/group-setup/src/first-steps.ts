import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/**
 * The lines for the operator of a host without a group: the host runs, and these commands make a group. Empty
 * if there is a group.
 */
export const firstSteps = async (db: Kysely<CentralTables>, dataDir: string): Promise<readonly string[]> => {
  const any = await db.selectFrom("agent_groups").select("id").limit(1).executeTakeFirst();
  if (any !== undefined) return [];
  return [
    `There is no agent group in ${dataDir} yet: gatehouse init was not run there. The host runs with its defaults, and no group can answer.`,
    "  a group:           ncl groups create --name NAME --folder FOLDER",
    "  the owner's group: gatehouse init --name NAME --folder FOLDER --owner CHANNEL:HANDLE, while no host runs",
  ];
};
