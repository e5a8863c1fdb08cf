import { statement } from "@gatehouse/sqlite";
import { settingsOf, toRow } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import type { Change, ContainerConfigHistoryRow, ContainerConfigRow } from "../tables.ts";
import { fieldNames } from "../fields/fields.ts";
import type { ConfigDatabase } from "./read-configs.ts";

const columns = [...fieldNames, "agent_group_id", "generation", "updated_at"] as const;

const only = <Row extends object, Name extends keyof Row>(row: Row, names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, row[name]])) as Pick<Row, Name>;

const insertRow = statement((db: ConfigDatabase, row: ContainerConfigRow) =>
  db
    .insertInto("container_configs")
    .values(only(row, columns))
    .onConflict((conflict) => conflict.column("agent_group_id").doNothing()),
);

const updateRow = statement((db: ConfigDatabase, row: ContainerConfigRow & { readonly before: number }) =>
  db
    .updateTable("container_configs")
    .set(only(row, columns))
    .where("agent_group_id", "=", row.agent_group_id)
    .where("generation", "=", row.before),
);

const insertHistory = statement((db: ConfigDatabase, row: ContainerConfigHistoryRow) =>
  db
    .insertInto("container_config_history")
    .values(only(row, ["agent_group_id", "generation", "config", "change", "changed_at"])),
);

/** Writes a new configuration and its history; false if the group has one. */
export const insertConfig = async (
  transaction: ConfigDatabase,
  config: ContainerConfig,
  change: Change,
): Promise<boolean> => {
  const { affected } = await insertRow(transaction, toRow(config));
  if (affected === 1) await remember(transaction, config, change);
  return affected === 1;
};

/** Writes the next generation and its history; false if another writer was faster. */
export const replaceConfig = async (
  transaction: ConfigDatabase,
  config: ContainerConfig,
  change: Change,
): Promise<boolean> => {
  const { affected } = await updateRow(transaction, { ...toRow(config), before: config.generation - 1 });
  if (affected === 1) await remember(transaction, config, change);
  return affected === 1;
};

/** False if there was none. */
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
  const { agent_group_id, generation, updated_at: changed_at } = config;
  const settings = JSON.stringify(settingsOf(config));
  await insertHistory(transaction, { agent_group_id, generation, config: settings, change, changed_at });
};
