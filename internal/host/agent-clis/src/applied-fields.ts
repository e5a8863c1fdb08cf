import {
  diffConfigs,
  fieldNames,
  initialSettings,
  resolveProvider,
  type Isolation,
  type Settings,
} from "@nc/container-config";
import type { Ability, Cannot } from "@nc/container-runtime";
import { runnableProvider, runnableProviders, type ProviderField } from "./runnable-providers.ts";

/** The runtime of a host: its name, and a sentence for each ability that it lacks. */
export type RuntimeInUse = { readonly name: string; readonly cannot: Cannot };

/** The isolation of the agents that a runtime runs. A runtime without images is `process`, unless it is a sandbox. */
export const isolationOf = ({ name, cannot }: RuntimeInUse): Isolation =>
  cannot.image === undefined ? "container" : isolationNamed(name);

/** The isolation of a runtime of this machine, by its name in `--runtime`. */
export const isolationNamed = (name: string): Isolation => (name === "sandbox" ? "sandbox" : "process");

/** A group, and the least isolation under which it may run. */
type IsolatedGroup = { readonly id: string; readonly name: string; readonly isolation: Isolation };

/** Why a group that needs more isolation does not start on a host with less, and the ways to start it. A sentence. */
export const isolationMissing = ({ id, name, isolation }: IsolatedGroup, here: Isolation): string => {
  const [needs, up] =
    isolation === "sandbox"
      ? ["a sandbox or a container", "--runtime sandbox"]
      : ["a container", "--runtime podman (or docker)"];
  const { has, gives } = here === "sandbox" ? inSandboxes : asProcesses;
  return `${name} runs only in ${needs}, and this host runs agents ${has}. Fix: gatehouse up ${up}; or, ${gives}: ncl groups config update ${id} --isolation ${here} --yes.`;
};

const asProcesses = { has: "as processes", gives: "to give the agent all that its account may do" };
const inSandboxes = { has: "in sandboxes", gives: "to run the agent in a sandbox" };

/** The runtime and the provider that apply a configuration. */
export type InUse = { readonly runtime: RuntimeInUse; readonly provider: string };

/** A stored field that has no effect, and a sentence with the reason. */
export type NotApplied = { readonly field: keyof Settings; readonly reason: string };

/**
 * The part that applies a field: the host with its runner, a runtime with the needed ability, or a provider that names the
 * field.
 */
type AppliedBy =
  | { readonly by: "host" }
  | {
      readonly by: "runtime";
      readonly needs: Ability;
      /** True if the stored value needs the ability. Without it, every stored value does. */
      readonly where?: (settings: Settings) => boolean;
    }
  | { readonly by: "provider" };

const host: AppliedBy = { by: "host" };
const image: AppliedBy = { by: "runtime", needs: "image" };
const provider: AppliedBy = { by: "provider" };

/** The part that applies each field. A provider's row names its fields, and a runtime names its missing abilities. */
const appliedBy: { readonly [Name in keyof Settings]: AppliedBy } = {
  provider,
  model: provider,
  effort: provider,
  image_tag: image,
  assistant_name: host,
  max_messages_per_prompt: host,
  timezone: host,
  cpus: { by: "runtime", needs: "cpus" },
  memory_mb: { by: "runtime", needs: "memoryMb" },
  pids: { by: "runtime", needs: "pids" },
  max_requests_per_day: host,
  max_tokens_per_day: host,
  max_cost_per_day: host,
  cli_scope: host,
  tools: host,
  network: { by: "runtime", needs: "network" },
  isolation: host,
  skills: host,
  mcp_servers: provider,
  packages_apt: image,
  packages_npm: image,
  additional_mounts: {
    by: "runtime",
    needs: "readOnlyMounts",
    where: ({ additional_mounts: mounts }) => mounts.some(({ readonly: isReadOnly = true }) => isReadOnly),
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
export const notAppliedIn = (settings: Settings, runtime: RuntimeInUse): readonly NotApplied[] =>
  notApplied(settings, { runtime, provider: resolveProvider({ agent_provider: null }, settings) });

const whyNot = (
  field: keyof Settings,
  settings: Settings,
  { runtime, provider: name }: InUse,
): string | null => {
  const part = appliedBy[field];
  if (part.by === "host") return null;
  if (part.by === "runtime") {
    const reason = part.where?.(settings) === false ? undefined : runtime.cannot[part.needs];
    return reason === undefined ? null : `The runtime "${runtime.name}" does not apply it. ${reason}`;
  }
  const row = runnableProvider(name);
  if (row === null)
    return `There is no runner yet for the provider "${name}". The providers are ${Object.keys(runnableProviders).join(", ")}.`;
  const isApplied = field === "provider" || row.applies.includes(field as ProviderField);
  return isApplied ? null : `The provider "${name}" does not use it.`;
};
