import {
  patchClaudeArgs,
  type FolderContext,
  type PatchDiagnostic,
  type PatchOf,
  type TrustSurface,
} from "@trust/codex-overrides";
import type { LaunchArguments } from "./launch-arguments.ts";

/** Trust as settings of a runtime: the only kind of patch that its argv accepts, since `-c` means `--continue` there. */
export type SettingsPatch = PatchOf<"claude-codex-runtime-settings">;

export type PatchedArguments = {
  readonly arguments: LaunchArguments;
  /** Without duplicates, although one patch may go to several places. */
  readonly diagnostics: readonly PatchDiagnostic[];
};

/** Every surface of a launch, for `planArgsOnly`. */
export const launchSurfaces: readonly TrustSurface[] = [
  "primary_provider_args",
  "cross_provider_member_args",
  "provider_facts_probe",
  "default_model_probe",
];

/** The places of Codex's arguments. The arguments of other providers are never patched. */
const surfacesOfCodex = ({ primary, byProvider }: LaunchArguments): readonly TrustSurface[] => {
  if (byProvider.codex === undefined) return [];
  const launch = primary.provider === "codex" ? "primary_provider_args" : "cross_provider_member_args";
  return [launch, "provider_facts_probe", "default_model_probe"];
};

/**
 * Adds trust to the arguments that start Codex's members, and to those that ask Codex for facts and its default model.
 * Early, full and retry patches may be applied one after the other or together: existing trust is not added again.
 * Without a Codex member or a patch the same object is returned.
 */
export const patchArguments = (
  before: LaunchArguments,
  patches: readonly SettingsPatch[],
  context: FolderContext,
): PatchedArguments => {
  if (patches.length === 0) return { arguments: before, diagnostics: [] };
  return surfacesOfCodex(before).reduce<PatchedArguments>(
    (patched, surface) => patchSurface(patched, surface, patches, context),
    { arguments: before, diagnostics: [] },
  );
};

const patchSurface = (
  { arguments: before, diagnostics }: PatchedArguments,
  surface: TrustSurface,
  patches: readonly SettingsPatch[],
  context: FolderContext,
): PatchedArguments => {
  const args = argsAt(before, surface);
  const applied = patchClaudeArgs(args, surface, patches, context);
  return {
    arguments: applied.args === args ? before : withArgs(before, surface, applied.args),
    diagnostics: unique([...diagnostics, ...applied.diagnostics]),
  };
};

const argsAt = (from: LaunchArguments, surface: TrustSurface): readonly string[] => {
  if (surface === "primary_provider_args") return from.primary.args;
  if (surface === "cross_provider_member_args") return from.crossProvider;
  return from.byProvider.codex ?? [];
};

const withArgs = (from: LaunchArguments, surface: TrustSurface, args: readonly string[]): LaunchArguments => {
  if (surface === "primary_provider_args") return { ...from, primary: { ...from.primary, args } };
  if (surface === "cross_provider_member_args") return { ...from, crossProvider: args };
  return { ...from, byProvider: { ...from.byProvider, codex: args } };
};

const unique = (diagnostics: readonly PatchDiagnostic[]): readonly PatchDiagnostic[] => [
  ...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values(),
];
