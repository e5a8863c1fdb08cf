import type { Kysely } from "kysely";
import { fromRow } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import { initialSettings, type Settings } from "../fields.ts";
import type { HistoryEntry } from "../store.ts";
import type { ContainerConfigTables } from "../tables.ts";
import { statement } from "./statement.ts";

/** A database, or a transaction in one. */
export type ConfigDatabase = Kysely<ContainerConfigTables>;

const selectConfig = statement((db: ConfigDatabase, { groupId }: { groupId: string }) =>
  db.selectFrom("container_configs").selectAll().where("agent_group_id", "=", groupId),
);

export const readConfig = async (db: ConfigDatabase, groupId: string): Promise<ContainerConfig | null> => {
  const [row] = (await selectConfig(db, { groupId })).rows;
  return row === undefined ? null : fromRow(row);
};

export const readConfigs = async (db: ConfigDatabase): Promise<readonly ContainerConfig[]> => {
  const rows = await db.selectFrom("container_configs").selectAll().orderBy("agent_group_id").execute();
  return rows.map(fromRow);
};

/** Newest first. */
export const readHistory = async (db: ConfigDatabase, groupId: string): Promise<readonly HistoryEntry[]> => {
  const rows = await db
    .selectFrom("container_config_history")
    .select(["generation", "change", "changed_at"])
    .where("agent_group_id", "=", groupId)
    .orderBy("generation", "desc")
    .execute();
  return rows as HistoryEntry[];
};

/** What was in one generation; a field that came later has there what a new configuration has. */
export const readSettings = async (
  db: ConfigDatabase,
  groupId: string,
  generation: number,
): Promise<Settings | null> => {
  const row = await db
    .selectFrom("container_config_history")
    .select("config")
    .where("agent_group_id", "=", groupId)
    .where("generation", "=", generation)
    .executeTakeFirst();
  return row === undefined ? null : { ...initialSettings, ...(JSON.parse(row.config) as Settings) };
};
