import type { ConfigProblem, UnreadableConfig } from "./config-error.ts";
import type { ContainerConfig } from "./container-config.ts";
import { entryShapes } from "./fields/entry-shapes.ts";
import type { Settings } from "./fields/fields.ts";
import { jsonNames, packageFields, type AnyFields } from "./fields/host-fields.ts";
import type { Result } from "@gatehouse/std";
import type { ContainerConfigRow } from "./tables.ts";

/** A configuration as its row: lists and maps become JSON text. */
export const toRow = (config: ContainerConfig, fields: AnyFields = packageFields): ContainerConfigRow => {
  const row: Record<string, unknown> = { ...config };
  for (const name of jsonNames(fields)) row[name] = JSON.stringify(config[name]);
  return row as ContainerConfigRow;
};

/**
 * A row that may be partly unreadable. `problems` name the broken lists and maps; `config` has the initial
 * values in their place.
 */
export type RowRead = { readonly config: ContainerConfig; readonly problems: readonly ConfigProblem[] };

export const readRow = (row: ContainerConfigRow, fields: AnyFields = packageFields): RowRead => {
  const config: Record<string, unknown> = { ...row };
  const problems: ConfigProblem[] = [];
  for (const name of jsonNames(fields)) {
    const value = parsed(row[name]);
    const isRead = value !== undefined && hasShape(name, value);
    config[name] = isRead ? value : fields.initial[name];
    if (!isRead)
      problems.push({ path: name, problem: value === undefined ? "is no JSON" : "is JSON of another form" });
  }
  return { config: config as ContainerConfig, problems };
};

/** The configuration of a row, or the columns that cannot be read. */
export const fromRow = (
  row: ContainerConfigRow,
  fields: AnyFields = packageFields,
): Result<ContainerConfig, UnreadableConfig> => {
  const { config, problems } = readRow(row, fields);
  if (problems.length === 0) return { ok: true, value: config };
  return { ok: false, error: { code: "unreadable-configuration", groupId: row.agent_group_id, problems } };
};

/**
 * The settings of an earlier generation; null if unreadable. A field that is newer than the generation has
 * its initial value.
 */
export const settingsFromHistory = (text: string, fields: AnyFields = packageFields): Settings | null => {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return null;
  const settings = { ...fields.initial, ...value };
  return jsonNames(fields).every((name) => hasShape(name, settings[name])) ? settings : null;
};

/**
 * Accepts any JSON for a host's field: a host that made its check stricter must still be able to read its
 * configurations.
 */
const hasShape = (name: keyof typeof entryShapes, value: unknown): boolean =>
  !Object.hasOwn(entryShapes, name) || entryShapes[name](value);

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
export const settingsOf = (config: Settings, fields: AnyFields = packageFields): Settings => {
  const settings: Record<string, unknown> = {};
  for (const name of fields.names) settings[name] = config[name as keyof Settings];
  return settings as Settings;
};
