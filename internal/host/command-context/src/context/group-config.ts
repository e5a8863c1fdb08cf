import type { Kysely } from "kysely";
import { notAppliedIn, type NotApplied, type PlaceSeen } from "@gatehouse/agent-clis/applied";
import type { Reach } from "@nc/cli-scope";
import {
  driftIn,
  needOf,
  strongest,
  type ConfigChange,
  type ContainerConfig,
  type CreateOptions,
  type Entries,
  type HistoryEntry,
  type HistoryOptions,
  type Need,
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
import { startedGenerations, type CentralTables } from "@gatehouse/central-database";

/** A running session whose container lacks some of the present configuration. */
export type Behind = {
  readonly session_id: string;
  /** The generation it started with; null if none was recorded. */
  readonly generation: number | null;
  /** The fields whose present values it lacks; null if its own configuration is no longer known. */
  readonly fields: readonly string[] | null;
  readonly needs: Need | null;
};

/** The configuration of one group. Its functions take no group, so that a command cannot name another one. */
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
  /** The saved fields that the host's runtime or the group's provider does not apply. */
  readonly notApplied: (config: ContainerConfig) => readonly NotApplied[];
  /**
   * Running sessions that a restart or a rebuild would change, and running sessions that lack saved packages
   * because this runtime installs none.
   */
  readonly behind: (config: ContainerConfig) => Promise<readonly Behind[]>;
  /** True if the group ever had a session, so that there may be a conversation. */
  readonly hasSessions: () => Promise<boolean>;
};

/** `now` is ISO 8601 in UTC; `runtime` is the runtime of this host's agents. */
export type ConfigDeps = { readonly now: () => string; readonly runtime: PlaceSeen };

/** The configuration of a group; null if the group is out of reach. */
export const groupConfig = (
  db: Kysely<CentralTables>,
  reach: Reach,
  groupId: string,
  { now, runtime }: ConfigDeps,
): GroupConfig | null => {
  if (reach !== "all" && reach.groupId !== groupId) return null;
  const store = containerConfigStore<CentralTables>(db, { now, pinned: startedGenerations });
  // A policy is allowed under this host's isolation, so the group keeps to it.
  const atLeast = runtime.isolation;
  const diff: GroupConfig["diff"] = (range) => store.diff(groupId, range);
  return {
    get: () => store.get(groupId),
    create: (options, { isolation = "process", ...values } = {}) =>
      store.create(groupId, { ...values, isolation: strongest(isolation, atLeast) }, options),
    updateScalars: (values, options) => store.updateScalars(groupId, values, { ...options, atLeast }),
    updateEntries: (name, next, options) => store.updateEntries(groupId, name, next, { ...options, atLeast }),
    history: (options) => store.history(groupId, options),
    diff,
    rollback: (to, options) => store.rollback(groupId, to, { ...options, atLeast }),
    notApplied: (config) => notAppliedIn(config, runtime),
    behind: (config) => {
      const idle = notAppliedIn(config, runtime).map(({ field }) => field);
      const missing = idle.filter((field) => field === "packages_apt" || field === "packages_npm");
      return behind(db, groupId, { generation: config.generation, missing, diff });
    },
    hasSessions: async () => {
      const sessions = db.selectFrom("sessions").select("id").where("agent_group_id", "=", groupId);
      return (await sessions.limit(1).executeTakeFirst()) !== undefined;
    },
  };
};

type Present = {
  readonly generation: number;
  /** Fields of saved packages that this runtime does not install. */
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
