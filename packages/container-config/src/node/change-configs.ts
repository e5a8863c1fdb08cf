import { checkSettings } from "../fields/check-config.ts";
import { settingsOf, type RowRead } from "../config-row.ts";
import { strongest } from "../choices.ts";
import type { ContainerConfig } from "../container-config.ts";
import { diffConfigs, isSame, needOf, type ConfigChange } from "../changes/diff-configs.ts";
import { fieldNames, type Settings } from "../fields/fields.ts";
import { checkOrigin } from "../fields/origin.ts";
import type { ConfigProblem, InvalidConfig, UnreadableConfig } from "../config-error.ts";
import type { Result } from "@gatehouse/std";
import type { StoreError } from "../store-error.ts";
import type { RollbackOptions, Update } from "../store.ts";
import type { Change } from "../tables.ts";
import { inTransaction } from "./in-transaction.ts";
import { readLeniently, readSettings, type ConfigDatabase } from "./read-configs.ts";
import { replaceConfig, type HistoryPolicy } from "./write-configs.ts";

/** The database of a store, and the store's options. */
export type StoreContext = HistoryPolicy & { readonly db: ConfigDatabase; readonly now: () => string };

/** The configuration to change, and the change's name, conditions and origin. */
type UpdateRequest = RollbackOptions & { readonly groupId: string; readonly change: Change };

type Next<E> = (
  read: RowRead,
  transaction: ConfigDatabase,
) => Result<Partial<Settings>, E> | Promise<Result<Partial<Settings>, E>>;

/** Saves the result of `next` as a new generation. */
export const update = <E>(
  context: StoreContext,
  { groupId, change, ifGeneration, keep, atLeast = "process", ...said }: UpdateRequest,
  next: Next<E>,
): Promise<Result<Update, StoreError | E>> =>
  inTransaction(context.db, async (transaction) => {
    const origin = checkOrigin(said);
    if (!origin.ok) return origin;
    for (;;) {
      const read = await readLeniently(transaction, groupId);
      if (read === null) return { ok: false, error: { code: "no-configuration", groupId } };
      const { config: current } = read;
      // The whole row is replaced, so unreadable parts that are kept would be lost.
      const problems = read.problems.filter(({ path }) => keep?.some((name) => name === path) ?? true);
      if (problems.length > 0) return { ok: false, error: unreadable(groupId, problems) };
      if (ifGeneration !== undefined && ifGeneration !== current.generation)
        return { ok: false, error: conflict(current, ifGeneration) };
      const values = checked(current, await next(read, transaction));
      if (!values.ok) return values;
      const generation = current.generation + 1;
      const isolation = strongest(
        atLeast,
        values.value.isolation ?? current.isolation,
        ...(change === "rollback" ? [current.isolation] : []),
      );
      const config = { ...current, ...values.value, isolation, generation, updated_at: context.now() };
      const changes = diffConfigs(current, config);
      if (changes.length === 0 && read.problems.length === 0)
        return { ok: true, value: { config: current, changes, needs: null } };
      // On a server, another writer may have been faster. Then `next` is called again with the newer row.
      if (await replaceConfig(transaction, { ...origin.value, config, change }, context))
        return { ok: true, value: { config, changes, needs: needOf(changes) } };
    }
  });

/**
 * Checks the new settings, but for old entries that today's rules may refuse: unchanged servers, and the mounts if none is
 * new. Such an entry must not block changes of the others.
 */
const checked = <E>(
  current: Settings,
  wanted: Result<Partial<Settings>, E>,
): Result<Partial<Settings>, E | InvalidConfig> => {
  if (!wanted.ok) return wanted;
  const { mcp_servers: servers, additional_mounts: mounts } = wanted.value;
  const isThere = ([name, server]: readonly [string, unknown]): boolean =>
    Object.hasOwn(current.mcp_servers, name) && isSame(current.mcp_servers[name], server);
  const newServers = Object.entries(servers ?? {}).filter((entry) => !isThere(entry));
  const left = current.additional_mounts.filter((old) => mounts?.some((mount) => isSame(mount, old)));
  const hasNewMount = left.length !== mounts?.length;
  const values = checkSettings({
    ...wanted.value,
    ...(servers === undefined ? {} : { mcp_servers: Object.fromEntries(newServers) }),
    ...(mounts === undefined ? {} : { additional_mounts: hasNewMount ? mounts : [] }),
  });
  if (!values.ok) return values;
  return {
    ok: true,
    value: {
      ...values.value,
      ...(servers === undefined ? {} : { mcp_servers: { ...servers, ...values.value.mcp_servers } }),
      ...(mounts === undefined || hasNewMount ? {} : { additional_mounts: mounts }),
    },
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

/** The fields that differ between two generations. */
export const diff = (
  context: StoreContext,
  groupId: string,
  range: { readonly from?: number; readonly to?: number },
): Promise<Result<readonly ConfigChange[], StoreError>> =>
  inTransaction(context.db, async (transaction) => {
    const read = await readLeniently(transaction, groupId);
    if (read === null) return { ok: false, error: { code: "no-configuration", groupId } };
    const within = { ...context, db: transaction };
    const to = range.to ?? read.config.generation;
    const after = await settingsAt(within, read, to);
    const before = await settingsAt(within, read, range.from ?? Math.max(1, to - 1));
    if (!after.ok) return after;
    if (!before.ok) return before;
    return { ok: true, value: diffConfigs(before.value, after.value) };
  });

/** The settings of generation `to`, without the fields in `keep`. */
export const restored = async (
  context: StoreContext,
  read: RowRead,
  { to, keep }: { readonly to: number; readonly keep: readonly (keyof Settings)[] },
): Promise<Result<Partial<Settings>, StoreError>> => {
  const then = await settingsAt(context, read, to);
  if (!then.ok) return then;
  const names = fieldNames.filter((name) => !keep.includes(name));
  return { ok: true, value: Object.fromEntries(names.map((name) => [name, then.value[name]])) };
};

/** The settings of one generation. Those of a broken current row are read from its history. */
const settingsAt = async (
  { db }: StoreContext,
  { config, problems }: RowRead,
  generation: number,
): Promise<Result<Settings, StoreError>> => {
  if (generation === config.generation && problems.length === 0)
    return { ok: true, value: settingsOf(config) };
  const settings = await readSettings(db, config.agent_group_id, generation);
  if (settings !== null) return settings;
  const [groupId, current] = [config.agent_group_id, config.generation];
  return { ok: false, error: { code: "no-such-generation", groupId, generation, current } };
};
