import type { Failure } from "@gatehouse/cli-kit";
import { type CentralPlace, readCentral } from "@gatehouse/central-database";
import { ok, parseJson, type Result } from "@gatehouse/std";
import { resolveAgent } from "@nc/container-config";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import type { VendorName } from "@gatehouse/gateway/options";
import { type Secret, secretFor, vendorKeys } from "@gatehouse/gateway/secrets";
import { explainSecrets } from "./secrets/secrets-messages.ts";

/** A provider of a group's agents, and their model. */
type AgentNeed = {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly model: string | null;
  /** The group's own address of a vendor, as it is stored. */
  readonly upstream: string | null;
};

/** The keys and CLIs that the agents of a host need. */
type HostNeeds = {
  /** An entry for each group and each provider of its agents. */
  readonly agents: readonly AgentNeed[];
  /** The accounts that agents run as, besides the host's account. */
  readonly accounts: readonly string[];
};

/** Reads the providers of groups, their members and their active sessions. Returns no needs without a database. */
export const readNeeds = async (place: CentralPlace): Promise<Result<HostNeeds, Failure>> => {
  const read = await readCentral(place, async (db) => ({
    groups: await db
      .selectFrom("agent_groups")
      .innerJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
      .select([
        "agent_groups.id",
        "agent_groups.name",
        "container_configs.provider",
        "container_configs.model",
        "container_configs.upstream",
      ])
      .orderBy("agent_groups.name")
      .execute(),
    sessions: await db
      .selectFrom("sessions")
      .select(["agent_group_id", "agent_provider"])
      .where("status", "=", "active")
      .where("agent_provider", "is not", null)
      .distinct()
      .execute(),
    people: await db.selectFrom("file_users").select("entry").execute(),
    members: await db
      .selectFrom("agent_group_members as member")
      .innerJoin("file_users", "file_users.user_id", "member.user_id")
      .select(["member.agent_group_id", "entry"])
      .execute(),
  }));
  if (!read.ok) return read;
  const { groups = [], sessions = [], people = [], members = [] } = read.value ?? {};
  const ofGroup = <T extends { readonly agent_group_id: string }>(rows: readonly T[], id: string) =>
    rows.filter((row) => row.agent_group_id === id);
  const agents = groups.flatMap((group): readonly AgentNeed[] => {
    const sources = [
      { agent_provider: null, person: null },
      ...ofGroup(sessions, group.id).map((session) => ({ ...session, person: null })),
      ...ofGroup(members, group.id).map(({ entry }) => ({ agent_provider: null, person: personIn(entry) })),
    ];
    const choices = sources.map(({ agent_provider, person }) =>
      resolveAgent({ session: { ...noModel, agent_provider }, person, group }),
    );
    const { id, name, upstream } = group;
    const needs = choices.map(({ provider, model }) => ({
      id,
      name,
      upstream,
      provider: provider.value,
      model: model.value,
    }));
    // The first entry is that of the group itself.
    return needs.filter(
      (need, place) => needs.findIndex(({ provider }) => provider === need.provider) === place,
    );
  });
  return ok({ agents, accounts: [...new Set(people.flatMap(({ entry }) => accountIn(entry)))] });
};

/** The providers of a host's agents; null without a group, or if the database cannot be read. */
export const providersInUse = async (place: CentralPlace): Promise<ReadonlySet<string> | null> => {
  const needs = await readNeeds(place);
  if (!needs.ok || needs.value.agents.length === 0) return null;
  return new Set(needs.value.agents.map(({ provider }) => provider));
};

const noModel = { agent_model: null, agent_model_provider: null } as const;

const personIn = (entry: string): Parameters<typeof resolveAgent>[0]["person"] =>
  (parseJson(entry) ?? {}) as { readonly agent_backend?: string | null; readonly model?: string | null };

const accountIn = (entry: string): readonly string[] => {
  const { os_user: account } = (parseJson(entry) ?? {}) as { readonly os_user?: unknown };
  return typeof account === "string" ? [account] : [];
};

/** The outcome of one check for `gatehouse doctor`. */
export type HostCheck = { readonly ok: boolean; readonly message: string; readonly fix?: string };

/** Returns the vendor whose key the host needs for a provider, or null. */
export const vendorOfProvider = (provider: string): VendorName | null =>
  runnableProvider(provider)?.vendor ?? null;

/** An agent whose provider needs a key. */
export type KeyNeed = AgentNeed & { readonly vendor: VendorName };

/** Returns the agents that need a key; none if the database cannot be read, which another check reports. */
export const keyNeeds = async (place: CentralPlace): Promise<readonly KeyNeed[]> => {
  const needs = await readNeeds(place);
  return (needs.ok ? needs.value.agents : []).flatMap((need) => {
    const vendor = vendorOfProvider(need.provider);
    return vendor === null ? [] : [{ ...need, vendor }];
  });
};

/**
 * Checks that each group whose agents need a key has one. Returns null if no group needs a key, or if the database cannot
 * be read.
 */
export const checkKeys = async (place: CentralPlace): Promise<HostCheck | null> => {
  const needs = await keyNeeds(place);
  if (needs.length === 0) return null;
  const secrets = await vendorKeys.read(place.dataDir);
  if (!secrets.ok) return { ok: false, ...explainSecrets(secrets.error) };
  return verdict(needs, secrets.value);
};

const verdict = (needs: readonly KeyNeed[], secrets: readonly Secret[]): HostCheck => {
  const missing = needs.filter(({ id, vendor }) => secretFor(secrets, { vendor, group: id }) === null);
  const [first] = missing;
  if (first === undefined) return { ok: true, message: "there is a key for each group that needs one" };
  const groups = missing.map(({ name, vendor }) => `${name} (${vendor})`).join(", ");
  return {
    ok: false,
    message: `there is no key for the agents of ${groups}`,
    fix: `gatehouse secrets set ${first.vendor}`,
  };
};
