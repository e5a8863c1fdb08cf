import { renderCodexArgs } from "./codex-args.ts";
import type { CodexConfigOverride } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import { surfacesOf, type Dialect, type PatchOf, type TrustSurface } from "./launch-arg-patch.ts";
import { parseJson } from "./parse-text.ts";
import {
  projectsOverride,
  type CodexTrust,
  type ProjectsOverride,
  type RenderError,
} from "./projects-override.ts";
import type { Result } from "@gatehouse/std";
import { mergeSettingsArgument, type SettingsArgumentError } from "./settings-argument.ts";
import { readTrustSettings, type ReadTrust } from "./trust-settings.ts";

/**
 * Why a patch was not applied. The first name is part of the contract with team runtimes, so it keeps its
 * spelling.
 */
export type PatchRefusal = {
  readonly code: "codex_trust_settings_surface_unknown" | "dialect-refused";
  readonly patchId: string;
};

export type PatchDiagnostic =
  | PatchRefusal
  | ReadTrust["rejected"][number]
  | ProjectsOverride["leftOut"][number]
  | SettingsArgumentError
  | RenderError;

/** The new arguments (the old ones if nothing changed), and the diagnostics. */
export type Applied = { readonly args: readonly string[]; readonly diagnostics: readonly PatchDiagnostic[] };

type Selected<D extends Dialect> = {
  readonly patches: readonly PatchOf<D>[];
  readonly diagnostics: readonly PatchRefusal[];
};

/**
 * Why a patch cannot be applied here, `null` if it can. The types exclude this, but data from elsewhere has
 * no types.
 */
const refusalOf = (
  dialect: Dialect,
  surface: TrustSurface,
  { id, dialect: patchDialect, targetSurface }: PatchOf<Dialect>,
): PatchRefusal | null => {
  if (patchDialect !== dialect) return { code: "dialect-refused", patchId: id };
  const known: readonly string[] = surfacesOf[dialect];
  if (known.includes(surface) && known.includes(targetSurface)) return null;
  return { code: "codex_trust_settings_surface_unknown", patchId: id };
};

/**
 * Selects the patches for a surface, each once. Patches for another known surface are skipped without a
 * diagnostic.
 */
const select = <D extends Dialect>(
  dialect: D,
  surface: TrustSurface,
  patches: readonly PatchOf<D>[],
): Selected<D> => {
  const refused = new Map(patches.map((patch) => [patch, refusalOf(dialect, surface, patch)]));
  const selected = patches.filter((patch) => refused.get(patch) === null && patch.targetSurface === surface);
  return {
    patches: [...new Map(selected.map((patch) => [patch.dedupeKey, patch])).values()],
    diagnostics: [...refused.values()].filter((refusal) => refusal !== null),
  };
};

const outcome = <E extends PatchDiagnostic>(
  args: readonly string[],
  applied: Result<readonly string[], E>,
  diagnostics: readonly PatchDiagnostic[],
): Applied =>
  applied.ok ? { args: applied.value, diagnostics } : { args, diagnostics: [...diagnostics, applied.error] };

/** Reads the overrides in settings patches. Only values that the contract allows are used from their text. */
const overridesIn = (
  patches: readonly PatchOf<"claude-codex-runtime-settings">[],
  context: FolderContext,
): ReadTrust => {
  const read = patches.map(({ args }) => {
    const parsed = parseJson(args[1]);
    return readTrustSettings(parsed.ok ? parsed.value : null, context);
  });
  return {
    folders: read.flatMap(({ folders }) => folders),
    overrides: read.flatMap(({ overrides }) => overrides),
    rejected: read.flatMap(({ rejected }) => rejected),
  };
};

/**
 * Adds the trust settings to the `--settings` of Claude's argv. It cannot add a `-c`: a patch that contains
 * one is not used.
 */
export const patchClaudeArgs = (
  args: readonly string[],
  surface: PatchOf<"claude-codex-runtime-settings">["targetSurface"],
  patches: readonly PatchOf<"claude-codex-runtime-settings">[],
  context: FolderContext,
): Applied => {
  const selected = select("claude-codex-runtime-settings", surface, patches);
  const { overrides, rejected } = overridesIn(selected.patches, context);
  return outcome(args, mergeSettingsArgument(args, [...new Set(overrides)]), [
    ...selected.diagnostics,
    ...rejected,
  ]);
};

const allOverrides = (
  patches: readonly { readonly args: readonly CodexConfigOverride[] }[],
): readonly CodexConfigOverride[] => [...new Set(patches.flatMap(({ args }) => args))];

/** The input of a Codex launch, apart from its patches. */
export type CodexLaunch = Omit<CodexTrust, "overrides">;

/** Adds our override to the `configOverrides` of an adapter that passes each of them to Codex with `-c`. */
export const patchConfigOverrides = (
  existing: readonly string[],
  surface: PatchOf<"codex-native-config-override">["targetSurface"],
  patches: readonly PatchOf<"codex-native-config-override">[],
  launch: CodexLaunch,
): Applied => {
  const selected = select("codex-native-config-override", surface, patches);
  const rendered = projectsOverride(existing, { ...launch, overrides: allOverrides(selected.patches) });
  if (!rendered.ok) return outcome(existing, rendered, selected.diagnostics);
  const { value, replacesLast, leftOut } = rendered.value;
  const kept = replacesLast ? existing.slice(0, -1) : existing;
  const args = value === null ? existing : [...kept, value];
  return { args, diagnostics: [...selected.diagnostics, ...leftOut] };
};

/** Adds our one `-c` to the argv of the Codex binary. */
export const patchCodexArgs = (
  args: readonly string[],
  surface: PatchOf<"codex-direct-cli-config">["targetSurface"],
  patches: readonly PatchOf<"codex-direct-cli-config">[],
  launch: CodexLaunch,
): Applied => {
  const selected = select("codex-direct-cli-config", surface, patches);
  const rendered = renderCodexArgs(args, { ...launch, overrides: allOverrides(selected.patches) });
  if (!rendered.ok) return outcome(args, rendered, selected.diagnostics);
  return { args: rendered.value.args, diagnostics: [...selected.diagnostics, ...rendered.value.leftOut] };
};
