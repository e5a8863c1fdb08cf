import type { Kysely } from "kysely";
import type { Reach } from "@nc/cli-scope";
import {
  driftIn,
  needOf,
  notAppliedIn,
  type ConfigChange,
  type ContainerConfig,
  type CreateOptions,
  type Entries,
  type HistoryEntry,
  type HistoryOptions,
  type Need,
  type NotApplied,
  type RuntimeInUse,
  type Scalars,
  type RollbackOptions,
  type Settings,
  type StoreError,
  type UnreadableConfig,
  type Update,
  type UpdateOptions,
} from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import { containerConfigStore } from "@nc/container-config/node";
import type { CentralTables } from "../database/tables.ts";

/** A running session whose container started with an earlier configuration. */
export type Behind = {
  readonly session_id: string;
  /** The generation it started with; null if none was recorded. */
  readonly generation: number | null;
  /** The fields it lacks; null if they are no longer known. */
  readonly fields: readonly string[] | null;
  readonly needs: Need | null;
};

/** The configuration of one group. A handler cannot name another one. */
export type GroupConfig = {
  readonly get: () => Promise<Result<ContainerConfig | null, UnreadableConfig>>;
  readonly create: (
    options: CreateOptions,
    values?: Partial<Scalars>,
  ) => Promise<Result<ContainerConfig, StoreError>>;
  readonly updateScalars: (
    values: Partial<Settings>,
    options: UpdateOptions,
  ) => Promise<Result<Update, StoreError>>;
  readonly updateEntries: <Name extends keyof Entries, E>(
    name: Name,
    next: (current: Entries[Name]) => Result<Entries[Name], E>,
    options: UpdateOptions,
  ) => Promise<Result<Update, StoreError | E>>;
  readonly history: (options: HistoryOptions) => Promise<readonly HistoryEntry[]>;
  readonly diff: (range: {
    readonly from?: number;
    readonly to?: number;
  }) => Promise<Result<readonly ConfigChange[], StoreError>>;
  readonly rollback: (to: number, options: RollbackOptions) => Promise<Result<Update, StoreError>>;
  /** The fields that are stored and that the host's runtime and the group's provider do not apply. */
  readonly notApplied: (config: ContainerConfig) => readonly NotApplied[];
  /**
   * Running sessions that a restart or a rebuild would change, and those without packages that this runtime
   * never installs.
   */
  readonly behind: (config: ContainerConfig) => Promise<readonly Behind[]>;
};

/** `runtime`: what runs this host's agents. */
export type ConfigDeps = { readonly now: () => string; readonly runtime: RuntimeInUse };

/** Null if the group is out of reach. */
export const groupConfig = (
  db: Kysely<CentralTables>,
  reach: Reach,
  groupId: string,
  { now, runtime }: ConfigDeps,
): GroupConfig | null => {
  if (reach !== "all" && reach.groupId !== groupId) return null;
  const store = containerConfigStore<CentralTables>(db, { now, pinned: shownGenerations });
  const diff: GroupConfig["diff"] = (range) => store.diff(groupId, range);
  return {
    get: () => store.get(groupId),
    create: (options, values = {}) => store.create(groupId, values, options),
    updateScalars: (values, options) => store.updateScalars(groupId, values, options),
    updateEntries: (name, next, options) => store.updateEntries(groupId, name, next, options),
    history: (options) => store.history(groupId, options),
    diff,
    rollback: (to, options) => store.rollback(groupId, to, options),
    notApplied: (config) => notAppliedIn(config, runtime),
    behind: (config) => {
      const idle = notAppliedIn(config, runtime).map(({ field }) => field);
      const missing = idle.filter((field) => field === "packages_apt" || field === "packages_npm");
      return behind(db, groupId, { generation: config.generation, missing, diff });
    },
  };
};

/** The generations that containers started with: what they lack is computed from these. */
const shownGenerations = async (
  transaction: Kysely<CentralTables>,
  groupId: string,
): Promise<readonly number[]> => {
  const shown = await transaction
    .selectFrom("sessions")
    .select("config_generation")
    .distinct()
    .where("agent_group_id", "=", groupId)
    .where("container_status", "!=", "stopped")
    .execute();
  return shown.flatMap(({ config_generation }) => config_generation ?? []);
};

type Present = {
  readonly generation: number;
  /** Packages that are saved, and that no start installs. */
  readonly missing: readonly ("packages_apt" | "packages_npm")[];
  readonly diff: GroupConfig["diff"];
};

const behind = async (
  db: Kysely<CentralTables>,
  groupId: string,
  { generation, missing, diff }: Present,
): Promise<readonly Behind[]> => {
  const running = await db
    .selectFrom("sessions")
    .select(["id", "config_generation"])
    .where("agent_group_id", "=", groupId)
    .where("container_status", "=", "running")
    .orderBy("id")
    .execute();
  const found: Behind[] = [];
  for (const { id: session_id, config_generation: from } of running) {
    const changes = from === null ? null : await changesSince(from, { generation, diff });
    if (!changes?.ok) found.push({ session_id, generation: from, fields: null, needs: null });
    else {
      const drift = driftIn(changes.value);
      const fields = [...new Set([...drift.map(({ field }) => field), ...missing])];
      const needs = missing.length > 0 ? "rebuild" : needOf(drift);
      if (fields.length > 0) found.push({ session_id, generation: from, fields, needs });
    }
  }
  return found;
};

const changesSince = (
  from: number,
  { generation, diff }: Pick<Present, "generation" | "diff">,
): ReturnType<GroupConfig["diff"]> =>
  from === generation ? Promise.resolve({ ok: true, value: [] }) : diff({ from, to: generation });
