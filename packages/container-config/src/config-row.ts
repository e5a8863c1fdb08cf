import type { ConfigProblem, UnreadableConfig } from "./config-error.ts";
import type { ContainerConfig } from "./container-config.ts";
import { entryFields } from "./fields/entry-fields.ts";
import { entryNames, fieldNames, initialSettings, type Settings } from "./fields/fields.ts";
import type { Result } from "@gatehouse/std";
import type { ContainerConfigRow } from "./tables.ts";

/** A configuration as its row: lists and maps become JSON text. */
export const toRow = (config: ContainerConfig): ContainerConfigRow => {
  const row: Record<string, unknown> = { ...config };
  for (const name of entryNames) row[name] = JSON.stringify(config[name]);
  return row as ContainerConfigRow;
};

/**
 * A row that may be partly unreadable. `problems` name the broken lists and maps; `config` has the initial
 * values in their place.
 */
export type RowRead = { readonly config: ContainerConfig; readonly problems: readonly ConfigProblem[] };

export const readRow = (row: ContainerConfigRow): RowRead => {
  const config: Record<string, unknown> = { ...row };
  const problems: ConfigProblem[] = [];
  for (const name of entryNames) {
    const value = parsed(row[name]);
    const isRead = value !== undefined && entryFields[name].hasForm(value);
    config[name] = isRead ? value : initialSettings[name];
    if (!isRead)
      problems.push({ path: name, problem: value === undefined ? "is no JSON" : "is JSON of another form" });
  }
  return { config: config as ContainerConfig, problems };
};

/** The configuration of a row, or the columns that cannot be read. */
export const fromRow = (row: ContainerConfigRow): Result<ContainerConfig, UnreadableConfig> => {
  const { config, problems } = readRow(row);
  if (problems.length === 0) return { ok: true, value: config };
  return { ok: false, error: { code: "unreadable-configuration", groupId: row.agent_group_id, problems } };
};

/**
 * The settings of an earlier generation; null if unreadable. A field that is newer than the generation has
 * its initial value.
 */
export const settingsFromHistory = (text: string): Settings | null => {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return null;
  const settings = { ...initialSettings, ...value };
  return entryNames.every((name) => entryFields[name].hasForm(settings[name])) ? settings : null;
};

/** The parsed value; undefined for anything but JSON text. */
const parsed = (text: unknown): unknown => {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** The part of a configuration that can be changed. */
export const settingsOf = (config: Settings): Settings => {
  const settings: Record<string, unknown> = {};
  for (const name of fieldNames) settings[name] = config[name];
  return settings as Settings;
};
