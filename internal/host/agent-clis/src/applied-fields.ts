import {
  diffConfigs,
  fieldNames,
  initialSettings,
  resolveProvider,
  type Isolation,
  type Settings,
} from "@nc/container-config";
import { runnableProvider, runnableProviders, type ProviderField } from "@gatehouse/provider-facts/agents";
import type { Ability } from "@nc/container-runtime";

/** What a place may give an agent, besides the abilities of its runtime. */
export type PlaceAbility = Ability | "mounts" | "aptPackages" | "npmPackages";

/** The abilities that a place lacks, each with the reason and what to do: sentences for a person. */
export type PlaceCannot = Readonly<Partial<Record<PlaceAbility, string>>>;

/** A place as a configuration sees it: its name, the isolation of its agents, and what it lacks. */
export type PlaceSeen = {
  readonly name: string;
  readonly isolation: Isolation;
  readonly cannot: PlaceCannot;
};

/** The packages of a group by their kind. */
type Packages = { readonly apt: readonly string[]; readonly npm: readonly string[] };

/** Why a place installs these packages for no group, and the ways to have them: sentences. Null if it installs them. */
export const packagesMissing = (
  { cannot }: Pick<PlaceSeen, "cannot">,
  { apt, npm }: Packages,
): string | null =>
  (apt.length > 0 ? cannot.aptPackages : undefined) ??
  (npm.length > 0 ? cannot.npmPackages : undefined) ??
  null;

/** A group, and the least isolation under which it may run. */
type IsolatedGroup = { readonly id: string; readonly name: string; readonly isolation: Isolation };

/**
 * Why a group that needs more isolation does not start on a host, or on its machine, with less, and the ways to start it. Two
 * sentences.
 */
export const isolationMissing = (
  { id, name, isolation }: IsolatedGroup,
  here: Isolation,
  on: "host" | "machine",
): string => {
  const needs = isolation === "sandbox" ? needsSandbox : needsContainer;
  const { has, gives } = here === "sandbox" ? inSandboxes : asProcesses;
  const who = on === "host" ? "this host" : "its machine";
  const fix = on === "host" ? needs.onHost : needs.onMachine(id);
  return `${name} runs only in ${needs.what}, and ${who} runs agents ${has}. Fix: ${fix}; or, ${gives}: ncl groups config update ${id} --isolation ${here} --yes.`;
};

const needsSandbox = {
  what: "a sandbox or a container",
  onHost: "gatehouse up --runtime sandbox",
  onMachine: () => "gatehouse machine run --runtime sandbox, there",
};
// A machine has no containers.
const needsContainer = {
  what: "a container",
  onHost: "gatehouse up --runtime podman (or docker)",
  onMachine: (id: string) => `gatehouse machines revoke ${id}, so that it runs on this host`,
};

const asProcesses = { has: "as processes", gives: "to give the agent all that its account may do" };
const inSandboxes = { has: "in sandboxes", gives: "to run the agent in a sandbox" };

/** The place and the provider that apply a configuration. */
export type InUse = { readonly runtime: PlaceSeen; readonly provider: string };

/** A stored field that has no effect, and a sentence with the reason. */
export type NotApplied = { readonly field: keyof Settings; readonly reason: string };

/**
 * The part that applies a field: the host with its runner, a place with the ability that the stored value needs, or a
 * provider that names the field.
 */
type AppliedBy =
  | { readonly by: "host" }
  | {
      readonly by: "place";
      readonly needs: (settings: Settings, cannot: PlaceCannot) => readonly PlaceAbility[];
    }
  | { readonly by: "provider" };

const host: AppliedBy = { by: "host" };
const needs = (...abilities: readonly PlaceAbility[]): AppliedBy => ({ by: "place", needs: () => abilities });
const provider: AppliedBy = { by: "provider" };
/** A place with images runs a group's own image with the packages that are in it. */
const packages = (ability: PlaceAbility): AppliedBy => ({
  by: "place",
  needs: ({ image_tag }, { image }) => (image_tag !== null && image === undefined ? [] : [ability]),
});

/** The part that applies each field. A provider's row names its fields, and a place names its missing abilities. */
const appliedBy: { readonly [Name in keyof Settings]: AppliedBy } = {
  provider,
  model: provider,
  effort: provider,
  image_tag: needs("image"),
  assistant_name: host,
  max_messages_per_prompt: host,
  timezone: host,
  cpus: needs("cpus"),
  memory_mb: needs("memoryMb"),
  pids: needs("pids"),
  max_requests_per_day: host,
  max_tokens_per_day: host,
  max_cost_per_day: host,
  upstream: host,
  cli_scope: host,
  tools: host,
  network: needs("network"),
  isolation: host,
  skills: host,
  mcp_servers: provider,
  packages_apt: packages("aptPackages"),
  packages_npm: packages("npmPackages"),
  additional_mounts: {
    by: "place",
    needs: ({ additional_mounts: mounts }) =>
      mounts.some(({ readonly: isReadOnly = true }) => isReadOnly)
        ? ["mounts", "readOnlyMounts"]
        : ["mounts"],
  },
};

/**
 * Returns the stored fields that this runtime and provider do not apply. Includes a provider without a runner even if it
 * is not stored, because its agent does not start.
 */
export const notApplied = (settings: Settings, inUse: InUse): readonly NotApplied[] => {
  const stored = diffConfigs(initialSettings, settings).map(({ field }) => field);
  return fieldNames.flatMap((field): readonly NotApplied[] => {
    const isStored = field === "provider" || stored.includes(field);
    const reason = isStored ? whyNot(field, settings, inUse) : null;
    return reason === null ? [] : [{ field, reason }];
  });
};

/** `notApplied` for a group, with the group's own provider. A session may have another provider. */
export const notAppliedIn = (settings: Settings, runtime: PlaceSeen): readonly NotApplied[] =>
  notApplied(settings, { runtime, provider: resolveProvider({ agent_provider: null }, settings) });

const whyNot = (
  field: keyof Settings,
  settings: Settings,
  { runtime, provider: name }: InUse,
): string | null => {
  const part = appliedBy[field];
  if (part.by === "host") return null;
  if (part.by === "place") {
    const [lacking] = part
      .needs(settings, runtime.cannot)
      .flatMap((ability) => runtime.cannot[ability] ?? []);
    return lacking === undefined ? null : `The runtime "${runtime.name}" does not apply it. ${lacking}`;
  }
  const missing = noRunner(name);
  if (missing !== null) return `${missing}.`;
  const isApplied =
    field === "provider" || runnableProvider(name)?.applies.includes(field as ProviderField) === true;
  return isApplied ? null : `The provider "${name}" does not use it.`;
};

/** Why no agent with this provider starts on any host, sentences without the last period; null if the runner has it. */
export const noRunner = (name: string): string | null =>
  runnableProvider(name) === null
    ? `There is no runner yet for the provider "${name}". The providers are ${Object.keys(runnableProviders).join(", ")}`
    : null;
