import { settingsFromHistory } from "./config-row.ts";
import { diffSettings } from "./changes/diff-configs.ts";
import type { AnyFields, NoFields } from "./fields/host-fields.ts";
import type { Settings } from "./fields/fields.ts";
import type { Change, ContainerConfigHistoryRow } from "./tables.ts";

/** One generation, without its settings. */
export type HistoryEntry<Own extends object = NoFields> = {
  readonly generation: number;
  readonly change: Change;
  /** ISO 8601, UTC. */
  readonly changed_at: string;
  /** Null if it was not recorded. */
  readonly actor: string | null;
  readonly reason: string | null;
  /**
   * The fields that differ from the generation before; in the first one, from a new configuration. Null if
   * that is no longer known.
   */
  readonly fields: readonly (keyof (Settings & Own))[] | null;
};

/** The number of newest generations that a history keeps by default. */
export const keptGenerations = 200;

/** The number of newest entries that `history` returns by default. */
export const shownGenerations = 20;

/**
 * Makes at most `limit` entries from rows, the newest first. `rows` has one row more than `limit`, to compare
 * the last entry with the generation before it.
 */
export const historyOf = (
  rows: readonly ContainerConfigHistoryRow[],
  limit: number,
  fields: AnyFields,
): readonly HistoryEntry[] =>
  rows.slice(0, limit).map((row, index) => {
    const { generation, change, changed_at, actor, reason } = row;
    const changed = changedIn(row, rows[index + 1], fields);
    return { generation, change: change as Change, changed_at, actor, reason, fields: changed };
  });

const changedIn = (
  { generation, config }: ContainerConfigHistoryRow,
  before: ContainerConfigHistoryRow | undefined,
  fields: AnyFields,
): readonly (keyof Settings)[] | null => {
  const earlier = generation === 1 ? fields.initial : earlierSettings(generation, before, fields);
  const settings = settingsFromHistory(config, fields);
  if (earlier === null || settings === null) return null;
  return diffSettings(earlier, settings, fields).map(({ field }) => field);
};

/** Null if the generation before is no longer kept. */
const earlierSettings = (
  generation: number,
  before: ContainerConfigHistoryRow | undefined,
  fields: AnyFields,
): Settings | null =>
  before?.generation === generation - 1 ? settingsFromHistory(before.config, fields) : null;
