import type { Kysely } from "kysely";
import { notAppliedIn, type NotApplied, type PlaceSeen } from "@gatehouse/agent-clis/applied";
import type { Reach } from "@nc/cli-scope";
import {
  type Isolation,
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
  /** The saved fields that the group's place or its provider does not apply. */
  readonly notApplied: (config: ContainerConfig) => Promise<readonly NotApplied[]>;
  /**
   * Running sessions that a restart or a rebuild would change, and running sessions that lack saved packages
   * because this runtime installs none.
   */
  readonly behind: (config: ContainerConfig) => Promise<readonly Behind[]>;
  /** True if the group ever had a session, so that there may be a conversation. */
  readonly hasSessions: () => Promise<boolean>;
};

/** The place of a group's agents. `isHere`: it is the host's own runtime. */
export type GroupPlace = PlaceSeen & { readonly isHere: boolean };

/** Where the agents of a group run: on the machine that dials in for it, or where those of all others do. */
export const placeOf = async (
  db: Kysely<CentralTables>,
  groupId: string,
  { runtime, machine }: { readonly runtime: PlaceSeen; readonly machine: PlaceSeen },
): Promise<GroupPlace> => {
  const machines = db.selectFrom("machines").select("id").where("agent_group_id", "=", groupId);
  const isHere = (await machines.executeTakeFirst()) === undefined;
  return { ...(isHere ? runtime : machine), isHere };
};

/** `now` is ISO 8601 in UTC; `runtime` is that of this host's agents, `machine` the place of those elsewhere. */
export type ConfigDeps = {
  readonly now: () => string;
  readonly runtime: PlaceSeen;
  readonly machine: PlaceSeen;
};

/** The configuration of a group; null if the group is out of reach. */
export const groupConfig = (
  db: Kysely<CentralTables>,
  reach: Reach,
  groupId: string,
  { now, ...places }: ConfigDeps,
): GroupConfig | null => {
  if (reach !== "all" && reach.groupId !== groupId) return null;
  const store = containerConfigStore<CentralTables>(db, { now, pinned: startedGenerations });
  const place = (): Promise<PlaceSeen> => placeOf(db, groupId, places);
  // A policy is allowed under the isolation of where the group runs, so the group keeps to it.
  const atLeast = async (): Promise<Isolation> => (await place()).isolation;
  const diff: GroupConfig["diff"] = (range) => store.diff(groupId, range);
  return {
    get: () => store.get(groupId),
    create: async (options, { isolation = "process", ...values } = {}) =>
      store.create(groupId, { ...values, isolation: strongest(isolation, await atLeast()) }, options),
    updateScalars: async (values, options) =>
      store.updateScalars(groupId, values, { ...options, atLeast: await atLeast() }),
    updateEntries: async (name, next, options) =>
      store.updateEntries(groupId, name, next, { ...options, atLeast: await atLeast() }),
    history: (options) => store.history(groupId, options),
    diff,
    rollback: async (to, options) => store.rollback(groupId, to, { ...options, atLeast: await atLeast() }),
    notApplied: async (config) => notAppliedIn(config, await place()),
    behind: async (config) => {
      const idle = notAppliedIn(config, await place()).map(({ field }) => field);
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
