import { resolveProvider } from "../provider.ts";
import { fieldNames, initialSettings, type Settings } from "./fields.ts";
import { isSame } from "../changes/diff-configs.ts";

/** An ability that a runtime may lack. */
type Need = "image" | "network" | "cpus" | "memoryMb" | "pids" | "readOnlyMounts";

/** The runtime of a host: its name, and the reason for each ability that it lacks. */
export type RuntimeInUse = {
  readonly name: string;
  readonly cannot: Readonly<Partial<Record<Need, string>>>;
};

/** The use of a configuration: the runtime, and the provider of the session. */
export type InUse = { readonly runtime: RuntimeInUse; readonly provider: string };

/** A stored field that has no effect, and a sentence with the reason. */
export type NotApplied = { readonly field: keyof Settings; readonly reason: string };

/**
 * The part that applies a field: the host with its runner, a runtime with the needed ability, or these
 * providers.
 */
type AppliedBy =
  | { readonly by: "host" }
  | {
      readonly by: "runtime";
      readonly needs: Need;
      /** True if the stored value needs the ability. Without it, every stored value does. */
      readonly where?: (settings: Settings) => boolean;
    }
  | { readonly by: "provider" };

/** A provider that the agent runner can start. */
export type RunnableProvider = {
  /** The fields of `appliedBy` with `by: "provider"` that it applies. */
  readonly applies: readonly (keyof Settings)[];
  /** The vendor whose key the host needs for it; null if it asks no model. */
  readonly vendor: "anthropic" | "openai" | null;
  /** Sentences that a person should know, and that no field says. */
  readonly notes: readonly string[];
};

/** The providers that the agent runner can start. To add a provider, add a row. */
export const runnableProviders: Readonly<Record<string, RunnableProvider>> = {
  echo: { applies: [], vendor: null, notes: [] },
  claude: { applies: ["model", "effort", "mcp_servers"], vendor: "anthropic", notes: [] },
  codex: {
    applies: ["model", "effort", "mcp_servers"],
    vendor: "openai",
    notes: [
      "Codex asks for every command. An allowed one runs in Codex's own sandbox, which lets it write only in the group's folder, and read everything; if the sandbox denies it something, Codex runs it again without, and on a machine without user namespaces, such as many containers, it always runs with all rights of the agent's account.",
    ],
  },
  opencode: {
    applies: ["model", "mcp_servers"],
    vendor: "anthropic",
    notes: [
      'After a kill, opencode is asked the same message again, and may use its tools again ("at least once").',
    ],
  },
};

/** The row of a provider; null if there is no runner for it. */
export const runnableProvider = (name: string): RunnableProvider | null =>
  Object.hasOwn(runnableProviders, name) ? (runnableProviders[name] ?? null) : null;

const host: AppliedBy = { by: "host" };
const image: AppliedBy = { by: "runtime", needs: "image" };
const provider: AppliedBy = { by: "provider" };

/** The part that applies each field. A provider names its fields in its row, a runtime what it cannot do. */
export const appliedBy: { readonly [Name in keyof Settings]: AppliedBy } = {
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
 * The stored fields that this runtime and provider do not apply. Includes a provider without a runner even if
 * it is not stored, because its agent does not start.
 */
export const notApplied = (settings: Settings, inUse: InUse): readonly NotApplied[] =>
  fieldNames.flatMap((field): readonly NotApplied[] => {
    const isStored = field === "provider" || !isSame(settings[field], initialSettings[field]);
    const reason = isStored ? whyNot(field, settings, inUse) : null;
    return reason === null ? [] : [{ field, reason }];
  });

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
    return `There is no runner yet for the provider "${name}": there is ${Object.keys(runnableProviders).join(", ")}.`;
  const isApplied = field === "provider" || row.applies.includes(field);
  return isApplied ? null : `The provider "${name}" does not use it.`;
};
