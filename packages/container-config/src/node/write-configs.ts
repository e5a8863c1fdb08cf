import { settingsOf, toRow } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import { fieldNames } from "../fields/fields.ts";
import type { Origin } from "../fields/origin.ts";
import type { Change } from "../tables.ts";
import type { ConfigDatabase } from "./read-configs.ts";

/** The options for writing histories. */
export type HistoryPolicy = {
  /** The number of newest generations to keep. */
  readonly keep: number;
  /** Returns older generations of a group that must stay. */
  readonly pinned: (transaction: ConfigDatabase, groupId: string) => Promise<readonly number[]>;
};

/** One generation to write. */
export type Generation = Origin & { readonly config: ContainerConfig; readonly change: Change };

const only = <Row extends object, Name extends keyof Row>(row: Row, names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, row[name]])) as Pick<Row, Name>;

const columns = [...fieldNames, "agent_group_id", "generation", "updated_at"] as const;

/** Writes a new configuration and its history; false if the group already has one. */
export const insertConfig = async (
  transaction: ConfigDatabase,
  generation: Generation,
  policy: HistoryPolicy,
): Promise<boolean> => {
  const inserted = await transaction
    .insertInto("container_configs")
    .values(only(toRow(generation.config), columns))
    .onConflict((conflict) => conflict.column("agent_group_id").doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) return false;
  await insertGeneration(transaction, generation, policy);
  return true;
};

/** Writes the next generation and its history; false if another writer was faster. */
export const replaceConfig = async (
  transaction: ConfigDatabase,
  generation: Generation,
  policy: HistoryPolicy,
): Promise<boolean> => {
  const { config } = generation;
  const updated = await transaction
    .updateTable("container_configs")
    .set(only(toRow(config), columns))
    .where("agent_group_id", "=", config.agent_group_id)
    .where("generation", "=", config.generation - 1)
    .executeTakeFirst();
  if (updated.numUpdatedRows !== 1n) return false;
  await insertGeneration(transaction, generation, policy);
  return true;
};

/** Returns false if there was no configuration. */
export const deleteConfig = async (db: ConfigDatabase, groupId: string): Promise<boolean> => {
  const deleted = await db
    .deleteFrom("container_configs")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  return deleted.numDeletedRows === 1n;
};

const insertGeneration = async (
  transaction: ConfigDatabase,
  { config, change, actor, reason }: Generation,
  policy: HistoryPolicy,
): Promise<void> => {
  const { agent_group_id, generation, updated_at: changed_at } = config;
  const settings = JSON.stringify(settingsOf(config));
  const origin = { actor: actor ?? null, reason: reason ?? null };
  const row = { agent_group_id, generation, config: settings, change, changed_at, ...origin };
  await transaction.insertInto("container_config_history").values(row).execute();
  if (generation > policy.keep) await deleteOldGenerations(transaction, config, policy);
};

/** Deletes old generations in the transaction of the write, so that a history never exceeds its limit. */
const deleteOldGenerations = async (
  transaction: ConfigDatabase,
  { agent_group_id: groupId, generation }: ContainerConfig,
  { keep, pinned }: HistoryPolicy,
): Promise<void> => {
  const stay = await pinned(transaction, groupId);
  await transaction
    .deleteFrom("container_config_history")
    .where("agent_group_id", "=", groupId)
    .where("generation", "<=", generation - keep)
    .$if(stay.length > 0, (query) => query.where("generation", "not in", stay))
    .execute();
};
