import type { ContainerConfig, Entries } from "./container-config.ts";
import { entryNames, fieldNames, type Settings } from "./fields.ts";
import type { ContainerConfigRow } from "./tables.ts";

/** A configuration as its row: lists and maps become JSON text. */
export const toRow = (config: ContainerConfig): ContainerConfigRow => {
  const row: Record<string, unknown> = { ...config };
  for (const name of entryNames) row[name] = JSON.stringify(config[name]);
  return row as ContainerConfigRow;
};

/** What a row says. */
export const fromRow = (row: ContainerConfigRow): ContainerConfig => {
  const config: Record<string, unknown> = { ...row };
  for (const name of entryNames) config[name] = JSON.parse(row[name]) as Entries[typeof name];
  return config as ContainerConfig;
};

/** The part of a configuration that can be changed. */
export const settingsOf = (config: Settings): Settings => {
  const settings: Record<string, unknown> = {};
  for (const name of fieldNames) settings[name] = config[name];
  return settings as Settings;
};
