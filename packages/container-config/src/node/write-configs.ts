import { statement } from "@gatehouse/sqlite";
import { settingsOf, toRow } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import { fieldNames } from "../fields/fields.ts";
import type { Origin } from "../fields/origin.ts";
import type { Change, ContainerConfigHistoryRow, ContainerConfigRow } from "../tables.ts";
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

type Before = ContainerConfigRow & { readonly before: number };

const columns = [...fieldNames, "agent_group_id", "generation", "updated_at"] as const;

const insertRow = statement((db: ConfigDatabase, row: ContainerConfigRow) =>
  db
    .insertInto("container_configs")
    .values(only(row, columns))
    .onConflict((conflict) => conflict.column("agent_group_id").doNothing()),
);

const updateRow = statement((db: ConfigDatabase, row: Before) =>
  db
    .updateTable("container_configs")
    .set(only(row, columns))
    .where("agent_group_id", "=", row.agent_group_id)
    .where("generation", "=", row.before),
);

const historyColumns = [
  "agent_group_id",
  "generation",
  "config",
  "change",
  "changed_at",
  "actor",
  "reason",
] as const;

const insertHistory = statement((db: ConfigDatabase, row: ContainerConfigHistoryRow) =>
  db.insertInto("container_config_history").values(only(row, historyColumns)),
);

type Oldest = { readonly groupId: string; readonly last: number };

const upTo = (db: ConfigDatabase, { groupId, last }: Oldest) =>
  db
    .deleteFrom("container_config_history")
    .where("agent_group_id", "=", groupId)
    .where("generation", "<=", last);

const deleteUpTo = statement(upTo);

/** Writes a new configuration and its history; false if the group already has one. */
export const insertConfig = async (
  transaction: ConfigDatabase,
  generation: Generation,
  policy: HistoryPolicy,
): Promise<boolean> => {
  const { affected } = await insertRow(transaction, toRow(generation.config));
  if (affected === 1) await insertGeneration(transaction, generation, policy);
  return affected === 1;
};

/** Writes the next generation and its history; false if another writer was faster. */
export const replaceConfig = async (
  transaction: ConfigDatabase,
  generation: Generation,
  policy: HistoryPolicy,
): Promise<boolean> => {
  const { config } = generation;
  const row = { ...toRow(config), before: config.generation - 1 };
  const { affected } = await updateRow(transaction, row);
  if (affected === 1) await insertGeneration(transaction, generation, policy);
  return affected === 1;
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
  await insertHistory(transaction, row);
  if (generation > policy.keep) await deleteOldGenerations(transaction, config, policy);
};

/** Deletes old generations in the transaction of the write, so that a history never exceeds its limit. */
const deleteOldGenerations = async (
  transaction: ConfigDatabase,
  { agent_group_id: groupId, generation }: ContainerConfig,
  { keep, pinned }: HistoryPolicy,
): Promise<void> => {
  const stay = await pinned(transaction, groupId);
  const oldest = { groupId, last: generation - keep };
  // The usual case is compiled once: compiling takes longer than deleting the one row.
  if (stay.length === 0) await deleteUpTo(transaction, oldest);
  else await upTo(transaction, oldest).where("generation", "not in", stay).execute();
};
