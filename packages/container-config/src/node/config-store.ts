import type { Kysely, Transaction } from "kysely";
import { checkSettings } from "../fields/check-config.ts";
import { settingsOf, type RowRead } from "../config-row.ts";
import type { ContainerConfig } from "../container-config.ts";
import { diffConfigs, isSame, needOf } from "../changes/diff-configs.ts";
import { fieldNames, initialSettings, type Settings } from "../fields/fields.ts";
import type { ConfigProblem, InvalidConfig, UnreadableConfig } from "../config-error.ts";
import type { Result } from "@gatehouse/std";
import type { StoreError } from "../store-error.ts";
import type { ContainerConfigStore, Update, UpdateOptions } from "../store.ts";
import type { Change, ContainerConfigTables } from "../tables.ts";
import { inTransaction } from "./in-transaction.ts";
import {
  readConfig,
  readConfigs,
  readHistory,
  readLeniently,
  readSettings,
  type ConfigDatabase,
} from "./read-configs.ts";
import { deleteConfig, insertConfig, replaceConfig } from "./write-configs.ts";

/** The store in this database, or in this transaction. `now` gives ISO 8601 in UTC. */
export const containerConfigStore = <Tables extends ContainerConfigTables>(
  anyDb: Kysely<Tables> | Transaction<Tables>,
  { now }: { readonly now: () => string },
): ContainerConfigStore => {
  // Kysely's type is not covariant in its tables; of these only our own are used.
  const db = anyDb as unknown as ConfigDatabase;
  const context = { db, now };
  return {
    get: (groupId) => readConfig(db, groupId),
    getAll: () => readConfigs(db),
    create: (groupId, settings = {}, change = "create") => create(context, groupId, settings, change),
    ensure: (groupId) => ensure(context, groupId),
    updateScalars: (groupId, values, options) =>
      update(context, { groupId, change: "update", ...options }, () => ({ ok: true, value: values })),
    updateEntries: (groupId, name, next, options) =>
      update(context, { groupId, change: "update", ...options }, ({ config }) => {
        const entries = next(config[name]);
        return entries.ok ? { ok: true, value: { [name]: entries.value } } : entries;
      }),
    delete: (groupId) => deleteConfig(db, groupId),
    history: (groupId) => readHistory(db, groupId),
    diff: (groupId, range = {}) => diff(db, groupId, range),
    rollback: (groupId, to, { keep = [], ...options } = {}) =>
      update(context, { groupId, change: "rollback", keep, ...options }, (read, transaction) =>
        restored(transaction, read, { to, keep }),
      ),
  };
};

type Context = { readonly db: ConfigDatabase; readonly now: () => string };

const create = (
  { db, now }: Context,
  groupId: string,
  settings: Partial<Settings>,
  change: Change,
): Promise<Result<ContainerConfig, StoreError>> =>
  inTransaction(db, async (transaction) => {
    const values = checkSettings(settings);
    if (!values.ok) return values;
    const config = {
      ...initialSettings,
      ...values.value,
      agent_group_id: groupId,
      generation: 1,
      updated_at: now(),
    };
    const isNew = await insertConfig(transaction, config, change);
    return isNew
      ? { ok: true, value: config }
      : { ok: false, error: { code: "configuration-exists", groupId } };
  });

const ensure: (context: Context, groupId: string) => ReturnType<ContainerConfigStore["ensure"]> = (
  context,
  groupId,
) =>
  inTransaction(context.db, async (transaction) => {
    const there = await readConfig(transaction, groupId);
    if (!there.ok) return there;
    if (there.value !== null) return { ok: true, value: there.value };
    const made = await create({ ...context, db: transaction }, groupId, {}, "create");
    if (made.ok) return made;
    // Another writer created it after the first look.
    const others = await readConfig(transaction, groupId);
    if (!others.ok) return others;
    if (others.value === null) throw new Error(`The configuration of ${groupId} came and went`);
    return { ok: true, value: others.value };
  });

/** `keep`: fields that a rollback leaves as they are. */
type Aim = UpdateOptions & {
  readonly groupId: string;
  readonly change: Change;
  readonly keep?: readonly (keyof Settings)[];
};

type Next<E> = (
  read: RowRead,
  transaction: ConfigDatabase,
) => Result<Partial<Settings>, E> | Promise<Result<Partial<Settings>, E>>;

/** Saves the result of `next` as a new generation. */
const update = <E>(
  { db, now }: Context,
  { groupId, change, ifGeneration, keep }: Aim,
  next: Next<E>,
): Promise<Result<Update, StoreError | E>> =>
  inTransaction(db, async (transaction) => {
    for (;;) {
      const read = await readLeniently(transaction, groupId);
      if (read === null) return { ok: false, error: { code: "no-configuration", groupId } };
      const { config: current } = read;
      // The whole row is written, so its unreadable parts would be lost.
      const problems = read.problems.filter(({ path }) => keep?.some((name) => name === path) ?? true);
      if (problems.length > 0) return { ok: false, error: unreadable(groupId, problems) };
      if (ifGeneration !== undefined && ifGeneration !== current.generation)
        return { ok: false, error: conflict(current, ifGeneration) };
      const values = checked(current, await next(read, transaction));
      if (!values.ok) return values;
      const generation = current.generation + 1;
      const config = { ...current, ...values.value, generation, updated_at: now() };
      const changes = diffConfigs(current, config);
      if (changes.length === 0 && read.problems.length === 0)
        return { ok: true, value: { config: current, changes, needs: null } };
      // On a server another writer may have been faster. Then `next` is called with what it saved.
      if (await replaceConfig(transaction, config, change))
        return { ok: true, value: { config, changes, needs: needOf(changes) } };
    }
  });

/**
 * Checks the new settings. Unchanged servers are not checked again: an old server that today's rules refuse
 * must not block changes of the others.
 */
const checked = <E>(
  current: Settings,
  wanted: Result<Partial<Settings>, E>,
): Result<Partial<Settings>, E | InvalidConfig> => {
  if (!wanted.ok) return wanted;
  const { mcp_servers } = wanted.value;
  if (mcp_servers === undefined) return checkSettings(wanted.value);
  const isThere = (name: string): boolean =>
    Object.hasOwn(current.mcp_servers, name) && isSame(current.mcp_servers[name], mcp_servers[name]);
  const other = Object.entries(mcp_servers).filter(([name]) => !isThere(name));
  const values = checkSettings({ ...wanted.value, mcp_servers: Object.fromEntries(other) });
  if (!values.ok) return values;
  return {
    ok: true,
    value: { ...values.value, mcp_servers: { ...mcp_servers, ...values.value.mcp_servers } },
  };
};

const conflict = ({ agent_group_id, generation }: ContainerConfig, expected: number): StoreError => ({
  code: "generation-conflict",
  groupId: agent_group_id,
  expected,
  current: generation,
});

const unreadable = (groupId: string, problems: readonly ConfigProblem[]): UnreadableConfig => ({
  code: "unreadable-configuration",
  groupId,
  problems,
});

const diff: (
  db: ConfigDatabase,
  groupId: string,
  range: { readonly from?: number; readonly to?: number },
) => ReturnType<ContainerConfigStore["diff"]> = (db, groupId, range) =>
  inTransaction(db, async (transaction) => {
    const read = await readLeniently(transaction, groupId);
    if (read === null) return { ok: false, error: { code: "no-configuration", groupId } };
    const to = range.to ?? read.config.generation;
    const after = await settingsAt(transaction, read, to);
    const before = await settingsAt(transaction, read, range.from ?? Math.max(1, to - 1));
    if (!before.ok) return before;
    return after.ok ? { ok: true, value: diffConfigs(before.value, after.value) } : after;
  });

const restored = async (
  transaction: ConfigDatabase,
  read: RowRead,
  { to, keep }: { readonly to: number; readonly keep: readonly (keyof Settings)[] },
): Promise<Result<Partial<Settings>, StoreError>> => {
  const then = await settingsAt(transaction, read, to);
  if (!then.ok) return then;
  const names = fieldNames.filter((name) => !keep.includes(name));
  return { ok: true, value: Object.fromEntries(names.map((name) => [name, then.value[name]])) };
};

/** The settings of one generation. If the row of the present one is broken, they come from its history. */
const settingsAt = async (
  transaction: ConfigDatabase,
  { config, problems }: RowRead,
  generation: number,
): Promise<Result<Settings, StoreError>> => {
  if (generation === config.generation && problems.length === 0)
    return { ok: true, value: settingsOf(config) };
  const settings = await readSettings(transaction, config.agent_group_id, generation);
  if (settings !== null) return settings;
  const [groupId, current] = [config.agent_group_id, config.generation];
  return { ok: false, error: { code: "no-such-generation", groupId, generation, current } };
};
