import type { Kysely } from "kysely";
import type { CentralTables } from "../tables.ts";

/**
 * The generations of a group's configuration that its present containers started with. The store keeps them, to
 * compute what containers lack.
 */
export const startedGenerations = async (
  db: Kysely<CentralTables>,
  groupId: string,
): Promise<readonly number[]> => {
  const started = await db
    .selectFrom("sessions")
    .select("config_generation")
    .distinct()
    .where("agent_group_id", "=", groupId)
    .where("container_status", "!=", "stopped")
    .execute();
  return started.flatMap(({ config_generation }) => config_generation ?? []);
};
