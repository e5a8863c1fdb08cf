import type { CodexConfigOverride } from "./config-override.ts";
import { trustSettings } from "./trust-settings.ts";

/** The places where a team runtime passes arguments to a program. */
export type TrustSurface =
  | "primary_provider_args"
  | "cross_provider_member_args"
  | "provider_facts_probe"
  | "default_model_probe";

/** Inline settings: text that can only be an object, and therefore not a flag. */
export type InlineSettings = `{${string}}`;

/**
 * The surfaces and the content of each kind of patch. Only the first kind is for Claude's argv, and its
 * arguments cannot contain `-c`, which means `--continue` there. The other kinds hold overrides as data: the
 * `-c` is added when they are applied to Codex's own argv.
 */
type Dialects = {
  readonly "claude-codex-runtime-settings": {
    readonly surface: TrustSurface;
    readonly args: readonly ["--settings", InlineSettings];
  };
  readonly "codex-native-config-override": {
    readonly surface: "primary_provider_args" | "cross_provider_member_args";
    readonly args: readonly CodexConfigOverride[];
  };
  readonly "codex-direct-cli-config": {
    readonly surface: "primary_provider_args" | "provider_facts_probe" | "default_model_probe";
    readonly args: readonly CodexConfigOverride[];
  };
};

export type Dialect = keyof Dialects;

/** The surfaces of each dialect, to check data that the compiler has not seen. */
export const surfacesOf: { readonly [D in Dialect]: readonly Dialects[D]["surface"][] } = {
  "claude-codex-runtime-settings": [
    "primary_provider_args",
    "cross_provider_member_args",
    "provider_facts_probe",
    "default_model_probe",
  ],
  "codex-native-config-override": ["primary_provider_args", "cross_provider_member_args"],
  "codex-direct-cli-config": ["primary_provider_args", "provider_facts_probe", "default_model_probe"],
};

/** A patch of one dialect. */
export type PatchOf<D extends Dialect> = {
  readonly id: string;
  readonly owner: "workspace-trust";
  readonly targetProvider: "codex";
  readonly targetSurface: Dialects[D]["surface"];
  readonly dialect: D;
  readonly args: Dialects[D]["args"];
  /** Equal for two patches if and only if they have the same effect. */
  readonly dedupeKey: string;
  readonly sourceWorkspaceIds: readonly string[];
  /** One sentence for a person. */
  readonly reason: string;
};

/** The arguments that trust adds to one launch, for the program that reads them. */
export type WorkspaceTrustLaunchArgPatch = { readonly [D in Dialect]: PatchOf<D> }[Dialect];

/** The input for a patch. The function that makes the patch decides which program reads it. */
export type PatchRequest<D extends Dialect> = {
  readonly targetSurface: Dialects[D]["surface"];
  readonly overrides: readonly CodexConfigOverride[];
  readonly sourceWorkspaceIds: readonly string[];
};

const patch = <D extends Dialect>(
  dialect: D,
  args: Dialects[D]["args"],
  { targetSurface, overrides, sourceWorkspaceIds }: PatchRequest<D>,
): PatchOf<D> => ({
  id: `workspace-trust:codex:${dialect}:${targetSurface}`,
  owner: "workspace-trust",
  targetProvider: "codex",
  targetSurface,
  dialect,
  args,
  dedupeKey: [dialect, targetSurface, ...overrides].join("\n"),
  sourceWorkspaceIds,
  reason: `Codex starts with ${overrides.length === 1 ? "this folder" : `these ${overrides.length} folders`} trusted, for this launch only.`,
});

/**
 * Makes a patch for the argv of Claude Code, or of a runtime that reads its `--settings` and starts Codex
 * itself.
 */
export const settingsPatch = (
  request: PatchRequest<"claude-codex-runtime-settings">,
): PatchOf<"claude-codex-runtime-settings"> =>
  patch(
    "claude-codex-runtime-settings",
    ["--settings", JSON.stringify(trustSettings(request.overrides)) as InlineSettings],
    request,
  );

/** Makes a patch for the `configOverrides` of an adapter that starts the Codex binary. */
export const nativeOverridePatch = (
  request: PatchRequest<"codex-native-config-override">,
): PatchOf<"codex-native-config-override"> =>
  patch("codex-native-config-override", request.overrides, request);

/** Makes a patch for the argv of the Codex binary. */
export const directCliPatch = (
  request: PatchRequest<"codex-direct-cli-config">,
): PatchOf<"codex-direct-cli-config"> => patch("codex-direct-cli-config", request.overrides, request);
