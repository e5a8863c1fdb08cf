import { resolveProvider } from "../provider.ts";
import { fieldNames, initialSettings, type Settings } from "./fields.ts";
import { isSame } from "../changes/diff-configs.ts";

/** Where a configuration is used: the runtime's name, and the provider of the session. */
export type InUse = { readonly runtime: string; readonly provider: string };

/** A field that is stored and has no effect there, and why: a sentence. */
export type NotApplied = { readonly field: keyof Settings; readonly reason: string };

/** Who applies a field: the host and its runner everywhere, or the named runtimes or providers. */
type AppliedBy =
  | { readonly by: "host" }
  | {
      readonly by: "runtime";
      readonly names: readonly string[];
      /** Why these runtimes cannot apply this value; null if they can. */
      readonly except?: (settings: Settings) => string | null;
    }
  | { readonly by: "provider"; readonly names: readonly string[] };

/** Providers that the agent runner can start. */
export const providersWithRunner: readonly string[] = ["echo"];

const host: AppliedBy = { by: "host" };
const noRuntime: AppliedBy = { by: "runtime", names: [] };
const noProvider: AppliedBy = { by: "provider", names: [] };

/** Each field, and what applies it. A new runtime or provider adds its name to the fields that it applies. */
export const appliedBy: { readonly [Name in keyof Settings]: AppliedBy } = {
  provider: { by: "provider", names: providersWithRunner },
  model: noProvider,
  effort: noProvider,
  image_tag: noRuntime,
  assistant_name: host,
  max_messages_per_prompt: host,
  timezone: host,
  cpus: noRuntime,
  memory_mb: noRuntime,
  pids: noRuntime,
  cli_scope: host,
  skills: host,
  mcp_servers: noProvider,
  packages_apt: noRuntime,
  packages_npm: noRuntime,
  additional_mounts: {
    by: "runtime",
    names: ["process"],
    except: ({ additional_mounts: mounts }) =>
      mounts.some(({ readonly: isReadOnly = true }) => isReadOnly)
        ? "A process cannot be kept from writing to a folder: give each mount --rw."
        : null,
  },
};

/**
 * The fields that are stored and that this runtime and provider do not apply. The provider is among them even
 * if it is not stored: an agent without a runner does not start.
 */
export const notApplied = (settings: Settings, inUse: InUse): readonly NotApplied[] =>
  fieldNames.flatMap((field): readonly NotApplied[] => {
    const isStored = field === "provider" || !isSame(settings[field], initialSettings[field]);
    const reason = isStored ? whyNot(appliedBy[field], settings, inUse) : null;
    return reason === null ? [] : [{ field, reason }];
  });

/** The same for a group: sessions may have another provider. */
export const notAppliedIn = (settings: Settings, runtime: string): readonly NotApplied[] =>
  notApplied(settings, { runtime, provider: resolveProvider({ agent_provider: null }, settings) });

const whyNot = (row: AppliedBy, settings: Settings, { runtime, provider }: InUse): string | null => {
  if (row.by === "host") return null;
  if (row.by === "runtime")
    return row.names.includes(runtime)
      ? (row.except?.(settings) ?? null)
      : `The runtime "${runtime}" does not apply it.`;
  if (!providersWithRunner.includes(provider))
    return `There is no runner yet for the provider "${provider}": there is ${providersWithRunner.join(", ")}.`;
  return row.names.includes(provider) ? null : `The provider "${provider}" does not use it.`;
};
