import type { Kysely, Transaction } from "kysely";
import { checkSettings } from "../fields/check-config.ts";
import { checkOrigin, type Origin } from "../fields/origin.ts";
import { initialSettings, type Settings } from "../fields/fields.ts";
import { keptGenerations } from "../history.ts";
import type { ContainerConfig } from "../container-config.ts";
import type { Result } from "@gatehouse/std";
import type { StoreError } from "../store-error.ts";
import type { ContainerConfigStore, CreateOptions } from "../store.ts";
import type { ContainerConfigTables } from "../tables.ts";
import { diff, restored, update, type StoreContext } from "./change-configs.ts";
import { inTransaction } from "./in-transaction.ts";
import { readConfig, readConfigs, readHistory, type ConfigDatabase } from "./read-configs.ts";
import { deleteConfig, insertConfig } from "./write-configs.ts";

/** The options of a store. */
export type StoreOptions<Tables> = {
  /** Returns the time as ISO 8601 in UTC. */
  readonly now: () => string;
  /** The number of newest generations that a group's history keeps; 200 by default, at least 1. */
  readonly keep?: number;
  /**
   * Returns older generations that must stay, such as those that running containers started with: their drift
   * is computed from them. Called in the transaction of a write if the history is full.
   */
  readonly pinned?: (transaction: Kysely<Tables>, groupId: string) => Promise<readonly number[]>;
};

/** The store of this database, or within this transaction. Throws if `keep` is below 1. */
export const containerConfigStore = <Tables extends ContainerConfigTables>(
  anyDb: Kysely<Tables> | Transaction<Tables>,
  { now, keep = keptGenerations, pinned }: StoreOptions<Tables>,
): ContainerConfigStore => {
  if (!(keep >= 1)) throw new TypeError(`A history keeps at least the present generation, not ${keep}`);
  // Kysely's type is not covariant in its tables; of these only our own are used.
  const db = anyDb as unknown as ConfigDatabase;
  const stay = pinned as unknown as StoreContext["pinned"] | undefined;
  const context: StoreContext = { db, now, keep, pinned: stay ?? (async () => []) };
  return {
    get: (groupId) => readConfig(db, groupId),
    getAll: () => readConfigs(db),
    create: (groupId, settings = {}, options = {}) => create(context, groupId, settings, options),
    ensure: (groupId, origin = {}) => ensure(context, groupId, origin),
    updateScalars: (groupId, values, options) =>
      update(context, { groupId, change: "update", ...options }, () => ({ ok: true, value: values })),
    updateEntries: (groupId, name, next, options) =>
      update(context, { groupId, change: "update", ...options }, ({ config }) => {
        const entries = next(config[name]);
        return entries.ok ? { ok: true, value: { [name]: entries.value } } : entries;
      }),
    delete: (groupId) => deleteConfig(db, groupId),
    history: (groupId, options = {}) => readHistory(db, groupId, options),
    diff: (groupId, range = {}) => diff(context, groupId, range),
    rollback: (groupId, to, { keep = [], reason = `back to generation ${to}`, ...options } = {}) =>
      update(context, { groupId, change: "rollback", keep, reason, ...options }, (read, transaction) =>
        restored({ ...context, db: transaction }, read, { to, keep }),
      ),
  };
};

const create = (
  context: StoreContext,
  groupId: string,
  settings: Partial<Settings>,
  { change = "create", ...said }: CreateOptions,
): Promise<Result<ContainerConfig, StoreError>> =>
  inTransaction(context.db, async (transaction) => {
    const origin = checkOrigin(said);
    if (!origin.ok) return origin;
    const values = checkSettings(settings);
    if (!values.ok) return values;
    const config = {
      ...initialSettings,
      ...values.value,
      agent_group_id: groupId,
      generation: 1,
      updated_at: context.now(),
    };
    const isNew = await insertConfig(transaction, { ...origin.value, config, change }, context);
    return isNew
      ? { ok: true, value: config }
      : { ok: false, error: { code: "configuration-exists", groupId } };
  });

const ensure = (
  context: StoreContext,
  groupId: string,
  origin: Origin,
): Promise<Result<ContainerConfig, StoreError>> =>
  inTransaction(context.db, async (transaction) => {
    const there = await readConfig(transaction, groupId);
    if (!there.ok) return there;
    if (there.value !== null) return { ok: true, value: there.value };
    const made = await create({ ...context, db: transaction }, groupId, {}, origin);
    if (made.ok || made.error.code !== "configuration-exists") return made;
    // Another writer created it after the first read.
    const others = await readConfig(transaction, groupId);
    if (!others.ok) return others;
    if (others.value === null) throw new Error(`The configuration of ${groupId} came and went`);
    return { ok: true, value: others.value };
  });
