import { settingsFromHistory } from "./config-row.ts";
import { diffConfigs } from "./changes/diff-configs.ts";
import { initialSettings, type Settings } from "./fields/fields.ts";
import type { Change, ContainerConfigHistoryRow } from "./tables.ts";

/** One generation, without its settings. */
export type HistoryEntry = {
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
  readonly fields: readonly (keyof Settings)[] | null;
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
): readonly HistoryEntry[] =>
  rows.slice(0, limit).map((row, index) => {
    const { generation, change, changed_at, actor, reason } = row;
    const changed = changedIn(row, rows[index + 1]);
    return { generation, change: change as Change, changed_at, actor, reason, fields: changed };
  });

const changedIn = (
  { generation, config }: ContainerConfigHistoryRow,
  before: ContainerConfigHistoryRow | undefined,
): readonly (keyof Settings)[] | null => {
  const earlier = generation === 1 ? initialSettings : earlierSettings(generation, before);
  const settings = settingsFromHistory(config);
  if (earlier === null || settings === null) return null;
  return diffConfigs(earlier, settings).map(({ field }) => field);
};

/** Null if the generation before is no longer kept. */
const earlierSettings = (
  generation: number,
  before: ContainerConfigHistoryRow | undefined,
): Settings | null => (before?.generation === generation - 1 ? settingsFromHistory(before.config) : null);
