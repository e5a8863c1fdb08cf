import { settingsOf, toColumns } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import type { Change } from "../tables.ts";
import type { ConfigDatabase } from "./read-configs.ts";

/** Writes a new configuration and its history; false where the group has one. */
export const insertConfig = async (
  transaction: ConfigDatabase,
  config: ContainerConfig,
  change: Change,
): Promise<boolean> => {
  const { agent_group_id, generation, updated_at } = config;
  const inserted = await transaction
    .insertInto("container_configs")
    .values({ ...toColumns(settingsOf(config)), agent_group_id, generation, updated_at })
    .onConflict((conflict) => conflict.column("agent_group_id").doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) return false;
  await remember(transaction, config, change);
  return true;
};

/** Writes the next generation and its history; false where it is no longer the next one. */
export const replaceConfig = async (
  transaction: ConfigDatabase,
  config: ContainerConfig,
  change: Change,
): Promise<boolean> => {
  const { agent_group_id, generation, updated_at } = config;
  const updated = await transaction
    .updateTable("container_configs")
    .set({ ...toColumns(settingsOf(config)), generation, updated_at })
    .where("agent_group_id", "=", agent_group_id)
    .where("generation", "=", generation - 1)
    .executeTakeFirst();
  if (updated.numUpdatedRows !== 1n) return false;
  await remember(transaction, config, change);
  return true;
};

/** False where there was none. */
export const deleteConfig = async (db: ConfigDatabase, groupId: string): Promise<boolean> => {
  const deleted = await db
    .deleteFrom("container_configs")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  return deleted.numDeletedRows === 1n;
};

const remember = async (
  transaction: ConfigDatabase,
  config: ContainerConfig,
  change: Change,
): Promise<void> => {
  await transaction
    .insertInto("container_config_history")
    .values({
      agent_group_id: config.agent_group_id,
      generation: config.generation,
      config: JSON.stringify(settingsOf(config)),
      change,
      changed_at: config.updated_at,
    })
    .execute();
};
