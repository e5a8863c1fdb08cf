import { resolveProvider } from "../provider.ts";
import { fieldNames, initialSettings, type Settings } from "./fields.ts";
import { isSame } from "../changes/diff-configs.ts";

/** What a runtime may not be able to do. */
type Need = "image" | "cpus" | "memoryMb" | "pids" | "readOnlyMounts";

/** The runtime of a host: its name, and the reasons why it cannot do something. */
export type RuntimeInUse = {
  readonly name: string;
  readonly cannot: Readonly<Partial<Record<Need, string>>>;
};

/** Where a configuration is used: the runtime, and the provider of the session. */
export type InUse = { readonly runtime: RuntimeInUse; readonly provider: string };

/** A field that is stored and has no effect there, and why: a sentence. */
export type NotApplied = { readonly field: keyof Settings; readonly reason: string };

/** Who applies a field: the host and its runner everywhere, a runtime that can, or the named providers. */
type AppliedBy =
  | { readonly by: "host" }
  | {
      readonly by: "runtime";
      readonly needs: Need;
      /** Whether this value needs it; each stored value does if it is not said. */
      readonly where?: (settings: Settings) => boolean;
    }
  | { readonly by: "provider"; readonly names: readonly string[] };

/** Providers that the agent runner can start. */
export const providersWithRunner: readonly string[] = ["echo"];

const host: AppliedBy = { by: "host" };
const image: AppliedBy = { by: "runtime", needs: "image" };
const noProvider: AppliedBy = { by: "provider", names: [] };

/** Each field, and what applies it. A new provider adds its name to the fields that it applies; a runtime says itself what it cannot do. */
export const appliedBy: { readonly [Name in keyof Settings]: AppliedBy } = {
  provider: { by: "provider", names: providersWithRunner },
  model: noProvider,
  effort: noProvider,
  image_tag: image,
  assistant_name: host,
  max_messages_per_prompt: host,
  timezone: host,
  cpus: { by: "runtime", needs: "cpus" },
  memory_mb: { by: "runtime", needs: "memoryMb" },
  pids: { by: "runtime", needs: "pids" },
  cli_scope: host,
  skills: host,
  mcp_servers: noProvider,
  packages_apt: image,
  packages_npm: image,
  additional_mounts: {
    by: "runtime",
    needs: "readOnlyMounts",
    where: ({ additional_mounts: mounts }) => mounts.some(({ readonly: isReadOnly = true }) => isReadOnly),
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
export const notAppliedIn = (settings: Settings, runtime: RuntimeInUse): readonly NotApplied[] =>
  notApplied(settings, { runtime, provider: resolveProvider({ agent_provider: null }, settings) });

const whyNot = (row: AppliedBy, settings: Settings, { runtime, provider }: InUse): string | null => {
  if (row.by === "host") return null;
  if (row.by === "runtime") {
    const reason = row.where?.(settings) === false ? undefined : runtime.cannot[row.needs];
    return reason === undefined ? null : `The runtime "${runtime.name}" does not apply it. ${reason}`;
  }
  if (!providersWithRunner.includes(provider))
    return `There is no runner yet for the provider "${provider}": there is ${providersWithRunner.join(", ")}.`;
  return row.names.includes(provider) ? null : `The provider "${provider}" does not use it.`;
};
