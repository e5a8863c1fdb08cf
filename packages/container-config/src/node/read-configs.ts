import type { Kysely } from "kysely";
import type { UnreadableConfig } from "../config-error.ts";
import { fromRow, readRow, settingsFromHistory, type RowRead } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import type { Settings } from "../fields/fields.ts";
import type { Result } from "@gatehouse/std";
import { historyOf, shownGenerations, type HistoryEntry } from "../history.ts";
import type { HistoryOptions } from "../store.ts";
import type { ContainerConfigTables } from "../tables.ts";

/** A database, or a transaction in one. */
export type ConfigDatabase = Kysely<ContainerConfigTables>;

const selectConfig = (db: ConfigDatabase, groupId: string) =>
  db.selectFrom("container_configs").selectAll().where("agent_group_id", "=", groupId).executeTakeFirst();

type Read<T> = Result<T, UnreadableConfig>;

export const readConfig = async (
  db: ConfigDatabase,
  groupId: string,
): Promise<Read<ContainerConfig | null>> => {
  const row = await selectConfig(db, groupId);
  return row === undefined ? { ok: true, value: null } : fromRow(row);
};

/** The configuration and the problems of its row; null if the group has none. */
export const readLeniently = async (db: ConfigDatabase, groupId: string): Promise<RowRead | null> => {
  const row = await selectConfig(db, groupId);
  return row === undefined ? null : readRow(row);
};

export const readConfigs = async (db: ConfigDatabase): Promise<readonly Read<ContainerConfig>[]> => {
  const rows = await db.selectFrom("container_configs").selectAll().orderBy("agent_group_id").execute();
  return rows.map((row) => fromRow(row));
};

/** Newest first. */
export const readHistory = async (
  db: ConfigDatabase,
  groupId: string,
  { limit = shownGenerations }: HistoryOptions,
): Promise<readonly HistoryEntry[]> => {
  const rows = await db
    .selectFrom("container_config_history")
    .selectAll()
    .where("agent_group_id", "=", groupId)
    .orderBy("generation", "desc")
    .limit(limit + 1)
    .execute();
  return historyOf(rows, limit);
};

/** The settings of one generation; null if there is no such generation. */
export const readSettings = async (
  db: ConfigDatabase,
  groupId: string,
  generation: number,
): Promise<Read<Settings> | null> => {
  const row = await db
    .selectFrom("container_config_history")
    .select("config")
    .where("agent_group_id", "=", groupId)
    .where("generation", "=", generation)
    .executeTakeFirst();
  if (row === undefined) return null;
  const settings = settingsFromHistory(row.config);
  if (settings !== null) return { ok: true, value: settings };
  const problems = [{ path: `generation ${generation}`, problem: "is no JSON of a configuration" }];
  return { ok: false, error: { code: "unreadable-configuration", groupId, problems } };
};
