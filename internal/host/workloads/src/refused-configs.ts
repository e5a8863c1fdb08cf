import type { Central } from "@gatehouse/central-database";
import { ownProviderOf } from "@gatehouse/agent-clis";
import { noRunner } from "@gatehouse/agent-clis/applied";
import { parseJson, shellWord, visible } from "@gatehouse/std";
import {
  explain,
  initialSettings,
  resolveAgent,
  resolveProvider,
  type ConfigProblem,
  type ContainerConfig,
  type Mount,
  type Settings,
} from "@nc/container-config";
import { containerConfigStore } from "@nc/container-config/node";
import type { Place } from "./place.ts";
import { checkedView } from "./prepare.ts";

/** A group, a session or a person whose agents do not start with what is stored, for an operator. */
export type RefusedConfig = { readonly message: string; readonly fix: string };

/**
 * Finds the groups, the sessions with values of their own and the people of users.yaml whose agents a start refuses, by the
 * checks of the start itself. `cannot`: what the host's place lacks; groups of other machines get no mounts. Reads only.
 */
export const refusedConfigs = async (
  db: Central["loop"],
  dataDir: string,
  cannot: Place["cannot"],
): Promise<readonly RefusedConfig[]> => {
  const groups = await db.selectFrom("agent_groups").select(["id", "name"]).orderBy("name").execute();
  const machines = await db.selectFrom("machines").select("agent_group_id").execute();
  const sessions = await ownSessions(db);
  const store = containerConfigStore(db, { now: () => "" });
  const stored = await store.getAll();
  const older = stored.flatMap((one) => (one.ok ? one.value.additional_mounts : []));
  const refused: RefusedConfig[] = [];
  const refuse = (who: string, refusal: Refusal): void => void refused.push(refusedOf(who, refusal));
  for (const group of groups) {
    const { id, name } = group;
    const one = stored.find((each) => (each.ok ? each.value.agent_group_id : each.error.groupId) === id);
    // The start of a host gives a group without a configuration its first one.
    if (one === undefined) continue;
    const named = `${name} (${id})`;
    if (!one.ok) {
      refuse(named, { why: explain(one.error), fix: rollback(id) });
      continue;
    }
    const isAway = machines.some(({ agent_group_id: away }) => away === id);
    const from = { dataDir, older, cannot: isAway ? { ...cannot, mounts: "" } : cannot };
    const unset = (field: string): string => `ncl groups config update ${id} --unset ${field}`;
    const found = await refusalOf(one.value, group, { ...from, unset });
    if (found !== null) refuse(named, found);
    for (const session of sessions.filter(({ agent_group_id: of }) => of === id)) {
      const { provider, model } = resolveAgent({ session, person: null, group: one.value });
      const config = { ...one.value, provider: provider.value, model: model.value };
      const unsetOwn = (field: string): string =>
        (field === "provider" ? provider : model).from === "session"
          ? `ncl sessions config update ${session.id} --unset ${field}`
          : unset(field);
      const own = await refusalOf(config, group, { ...from, unset: unsetOwn });
      // What the group is refused for is said once.
      if (own !== null && own.why !== found?.why) refuse(`${named} in the session ${session.id}`, own);
    }
  }
  return [...refused, ...(await refusedPeople(db))];
};

/** The people whose own provider has no runner. An operator's own provider cannot be a person's. */
const refusedPeople = async (db: Central["loop"]): Promise<readonly RefusedConfig[]> => {
  const people = await db.selectFrom("file_users").selectAll().orderBy("user_id").execute();
  return people.flatMap(({ user_id: id, entry }) => {
    const person = (parseJson(entry) ?? null) as Sources["person"];
    const { provider } = resolveAgent({ session: noOwn, person, group: { provider: null, model: null } });
    const why = provider.from === "person" ? noRunner(provider.value) : null;
    return why === null
      ? []
      : [refusedOf(id, { why, fix: `name another agent_backend for ${id} in users.yaml` })];
  });
};

const refusedOf = (who: string, { why, fix }: Refusal): RefusedConfig => ({
  message: visible(`no agent of ${who} starts: ${why}`),
  fix,
});

type Sources = Parameters<typeof resolveAgent>[0];

const noOwn: Sources["session"] = { agent_provider: null, agent_model: null, agent_model_provider: null };

/** The active sessions with a provider or a model of their own. */
const ownSessions = (db: Central["loop"]) =>
  db
    .selectFrom("sessions")
    .select(["id", "agent_group_id", "agent_provider", "agent_model", "agent_model_provider"])
    .where("status", "=", "active")
    .where((eb) => eb.or([eb("agent_provider", "is not", null), eb("agent_model", "is not", null)]))
    .orderBy("id")
    .execute();

/** Why a start refuses a configuration, and the command that mends it. */
type Refusal = { readonly why: string; readonly fix: string };

/** Null for a configuration that a start does not refuse. `unset`: the command that clears a field. */
const refusalOf = async (
  config: ContainerConfig,
  group: { readonly id: string; readonly name: string },
  from: Parameters<typeof checkedView>[2] & { readonly unset: (field: string) => string },
): Promise<Refusal | null> => {
  const view = await checkedView(config, group, from);
  if (!view.ok) {
    const { problems } = view.error;
    const why = problems.map(({ path, problem }) => `${mountAt(config, path)?.hostPath ?? path} ${problem}`);
    const fixes = problems.map((problem) => fixOf(config, problem, from.unset));
    return { why: why.join("; "), fix: [...new Set(fixes)].join("; ") };
  }
  const provider = resolveProvider({ agent_provider: null }, config);
  const own = await ownProviderOf(from.dataDir, provider);
  const why = own.ok ? noRunner(provider) : own.error;
  return why === null ? null : { why, fix: from.unset("provider") };
};

/** The mount that a problem is about, such as the first one of `additional_mounts.0.hostPath`; undefined for another field. */
const mountAt = ({ additional_mounts }: ContainerConfig, path: string): Mount | undefined =>
  additional_mounts[Number(/^additional_mounts\.(\d+)/.exec(path)?.[1] ?? -1)];

const fixOf = (
  config: ContainerConfig,
  { path }: ConfigProblem,
  unset: (field: string) => string,
): string => {
  const { agent_group_id: id } = config;
  const mount = mountAt(config, path);
  if (mount !== undefined)
    return `ncl groups config remove-mount ${id} --container ${shellWord(mount.containerPath)}`;
  const canUnset = Object.hasOwn(initialSettings, path) && initialSettings[path as keyof Settings] === null;
  return canUnset ? unset(path) : rollback(id);
};

const rollback = (id: string): string =>
  `ncl groups config rollback ${id} --to N (ncl groups config history ${id} lists them)`;
