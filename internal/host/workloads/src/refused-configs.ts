import type { Central } from "@gatehouse/central-database";
import { ownProviderOf } from "@gatehouse/agent-clis";
import { shellWord, visible } from "@gatehouse/std";
import {
  explain,
  initialSettings,
  resolveProvider,
  type ConfigProblem,
  type ContainerConfig,
  type Mount,
  type Settings,
} from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import type { Place } from "./place.ts";
import { checkedView } from "./prepare.ts";

/** A group whose agents do not start with its stored configuration, for a person. */
export type RefusedConfig = { readonly message: string; readonly fix: string };

/**
 * Finds the groups whose stored configuration a start refuses, by the checks of the start itself. `cannot`: what the host's
 * place lacks; groups of other machines get no mounts. Reads only.
 */
export const refusedConfigs = async (
  db: Central["loop"],
  dataDir: string,
  cannot: Place["cannot"],
): Promise<readonly RefusedConfig[]> => {
  const groups = await db.selectFrom("agent_groups").select(["id", "name"]).orderBy("name").execute();
  const machines = await db.selectFrom("machines").select("agent_group_id").execute();
  const store = containerConfigStore(db, { now: () => "" });
  const stored = await store.getAll();
  const older = stored.flatMap((one) => (one.ok ? one.value.additional_mounts : []));
  const refused: RefusedConfig[] = [];
  for (const group of groups) {
    const { id } = group;
    const one = stored.find((each) => (each.ok ? each.value.agent_group_id : each.error.groupId) === id);
    // The start of a host gives a group without a configuration its first one.
    if (one === undefined) continue;
    const isAway = machines.some(({ agent_group_id: away }) => away === id);
    const from = { dataDir, older, cannot: isAway ? { ...cannot, mounts: "" } : cannot };
    const found = one.ok
      ? await refusalOf(one.value, group, from)
      : { why: explain(one.error), fix: rollback(id) };
    if (found === null) continue;
    refused.push({
      message: visible(`no agent of ${group.name} (${id}) starts: ${found.why}`),
      fix: found.fix,
    });
  }
  return refused;
};

/** Why a start refuses a configuration, and the command that mends it; null if it does not. */
const refusalOf = async (
  config: ContainerConfig,
  group: { readonly id: string; readonly name: string },
  from: Parameters<typeof checkedView>[2],
): Promise<{ readonly why: string; readonly fix: string } | null> => {
  const view = await checkedView(config, group, from);
  if (!view.ok) {
    const { problems } = view.error;
    const why = problems.map(({ path, problem }) => `${mountAt(config, path)?.hostPath ?? path} ${problem}`);
    const fixes = problems.map((problem) => fixOf(config, problem));
    return { why: why.join("; "), fix: [...new Set(fixes)].join("; ") };
  }
  const own = await ownProviderOf(from.dataDir, resolveProvider({ agent_provider: null }, config));
  return own.ok ? null : { why: own.error, fix: `ncl groups config update ${group.id} --unset provider` };
};

/** The mount that a problem is about, such as the first one of `additional_mounts.0.hostPath`; undefined for another field. */
const mountAt = ({ additional_mounts }: ContainerConfig, path: string): Mount | undefined =>
  additional_mounts[Number(/^additional_mounts\.(\d+)/.exec(path)?.[1] ?? -1)];

const fixOf = (config: ContainerConfig, { path }: ConfigProblem): string => {
  const { agent_group_id: id } = config;
  const mount = mountAt(config, path);
  if (mount !== undefined)
    return `ncl groups config remove-mount ${id} --container ${shellWord(mount.containerPath)}`;
  const canUnset = Object.hasOwn(initialSettings, path) && initialSettings[path as keyof Settings] === null;
  return canUnset ? `ncl groups config update ${id} --unset ${path}` : rollback(id);
};

const rollback = (id: string): string =>
  `ncl groups config rollback ${id} --to N (ncl groups config history ${id} lists them)`;
