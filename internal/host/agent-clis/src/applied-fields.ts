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

/** The isolation of the agents that a runtime runs. A Pod is a container. */
export const isolationOf = ({ name, cannot }: RuntimeInUse): Isolation =>
  cannot.image === undefined ? "container" : isolationNamed(name);

/** The isolation of a runtime without an engine, by its name in `--runtime`. */
export const isolationNamed = (name: string): Isolation =>
  name === "sandbox" ? "sandbox" : name === "kubernetes" ? "container" : "process";

/** The packages of a group by their kind. */
type Packages = { readonly apt: readonly string[]; readonly npm: readonly string[] };

/**
 * Why a runtime installs these packages for no group, and the ways to have them: sentences. Null if it installs them.
 * Containers get both kinds in their image; sandboxes get npm packages in a folder.
 */
export const packagesMissing = (runtime: RuntimeInUse, { apt, npm }: Packages): string | null => {
  const isolation = isolationOf(runtime);
  if (runtime.name === "kubernetes") return inPods;
  if (isolation === "container" || (isolation === "sandbox" && apt.length === 0)) return null;
  if (isolation === "process") return noPackages;
  const names = apt.join(" ");
  const rest = npm.length === 0 ? "" : " Its npm packages can be installed alone.";
  return `${noDebian} The operator installs them on the machine, where every sandbox sees them (apt-get install ${names}), or runs the agents in containers: ${enginesUp}.${rest}`;
};

const enginesUp = "gatehouse up --runtime podman (or docker)";
const noDebian =
  "This host runs agents in sandboxes with the machine's programs, and installs no Debian packages for a group.";
const inPods =
  "This host runs agents in Pods, and builds no images in the cluster, so it installs no packages. The operator does: ncl groups config add-package GROUP, then gatehouse image render --group GROUP, then build and push that image, then ncl groups config update GROUP --image-tag NAME and ncl groups restart GROUP.";
const noPackages = `This host runs agents as processes, and installs no packages for a group. The operator installs programs on the machine, or runs the agents in sandboxes (npm packages alone: gatehouse up --runtime sandbox) or in containers: ${enginesUp}.`;

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
  /** A sandbox has no image, but npm packages. A Pod has the packages of its image, into which the host does not look. */
  | { readonly by: "packages"; readonly kind: keyof Packages }
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
  upstream: host,
  cli_scope: host,
  tools: host,
  network: { by: "runtime", needs: "network" },
  isolation: host,
  skills: host,
  mcp_servers: provider,
  packages_apt: { by: "packages", kind: "apt" },
  packages_npm: { by: "packages", kind: "npm" },
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
  if (part.by === "packages") {
    const { packages_apt: apt, packages_npm: npm, image_tag } = settings;
    if (runtime.name === "kubernetes" && image_tag !== null) return null;
    const missing = packagesMissing(runtime, {
      apt: [],
      npm: [],
      [part.kind]: part.kind === "apt" ? apt : npm,
    });
    return missing === null ? null : `The runtime "${runtime.name}" does not apply it. ${missing}`;
  }
  const row = runnableProvider(name);
  if (row === null)
    return `There is no runner yet for the provider "${name}". The providers are ${Object.keys(runnableProviders).join(", ")}.`;
  const isApplied = field === "provider" || row.applies.includes(field as ProviderField);
  return isApplied ? null : `The provider "${name}" does not use it.`;
};
