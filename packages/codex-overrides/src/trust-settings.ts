import * as z from "zod";
import { readOverrides, type CodexConfigOverride, type Rejection } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import type { Result } from "@gatehouse/std";

/**
 * The value at `codex.agent_teams_workspace_trust` of a runtime's settings. Unknown keys are left unchanged.
 */
export type CodexTrustSettings = {
  readonly version?: 1 | undefined;
  readonly config_overrides: readonly CodexConfigOverride[];
};

/** Settings as they are passed: a JSON object, inline. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * Checks the shape only. Each value of the list is judged separately, so a bad folder does not affect the
 * others.
 */
const listSchema = z.custom<readonly unknown[]>(Array.isArray, "a list of overrides");

/** The contract, from the root of the settings down. */
const trustSettingsSchema: z.ZodType<{
  readonly codex?:
    | {
        readonly agent_teams_workspace_trust?:
          | { readonly version?: 1 | undefined; readonly config_overrides: readonly unknown[] }
          | undefined;
      }
    | undefined;
}> = z.looseObject({
  codex: z
    .looseObject({
      agent_teams_workspace_trust: z
        .looseObject({ version: z.literal(1).optional(), config_overrides: listSchema })
        .optional(),
    })
    .optional(),
});

/** Settings that violate the contract. `at` names the place (`codex`, or "" for the root). */
export type SettingsProblem = { readonly code: "settings-malformed"; readonly at: string };

/** The trust in settings: accepted and rejected values. */
export type ReadTrust = {
  readonly folders: readonly string[];
  readonly overrides: readonly CodexConfigOverride[];
  readonly rejected: readonly (Rejection | SettingsProblem)[];
};

/** The list at the contract's place; `null` if the settings do not mention trust. */
const listIn = (settings: unknown): Result<readonly unknown[] | null, SettingsProblem> => {
  const parsed = trustSettingsSchema.safeParse(settings);
  if (parsed.success)
    return { ok: true, value: parsed.data.codex?.agent_teams_workspace_trust?.config_overrides ?? null };
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  return { ok: false, error: { code: "settings-malformed", at } };
};

/**
 * Reads parsed settings of any shape. It returns only overrides that `buildOverrides` could have written.
 * Settings without the contract's key are not a problem. An unknown `version` is a problem: no value is used.
 */
export const readTrustSettings = (settings: unknown, context: FolderContext): ReadTrust => {
  const list = listIn(settings);
  if (!list.ok) return { folders: [], overrides: [], rejected: [list.error] };
  return readOverrides(list.value ?? [], context);
};

const isObject = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object at a key; empty if the key is missing. */
const objectAt = (parent: Settings, key: string, at: string): Result<Settings, SettingsProblem> => {
  const found = Object.hasOwn(parent, key) ? parent[key] : {};
  return isObject(found)
    ? { ok: true, value: found }
    : { ok: false, error: { code: "settings-malformed", at } };
};

/**
 * Adds the overrides to these settings. Every other key is kept, including forced logins and unknown keys,
 * and an override already in the list is not added again. If there is nothing to add, the same object is
 * returned. Settings with another value at the contract's place are not overwritten.
 */
export const mergeSettings = (
  existing: Settings,
  overrides: readonly CodexConfigOverride[],
): Result<Settings, SettingsProblem> => {
  const list = listIn(existing);
  if (!list.ok) return list;
  const present = new Set(list.value);
  const added = overrides.filter((override) => !present.has(override));
  if (added.length === 0) return { ok: true, value: existing };
  const codex = objectAt(existing, "codex", "codex");
  if (!codex.ok) return codex;
  const trust = objectAt(codex.value, "agent_teams_workspace_trust", "codex.agent_teams_workspace_trust");
  if (!trust.ok) return trust;
  const ours = { version: 1, ...trust.value, config_overrides: [...(list.value ?? []), ...added] };
  return {
    ok: true,
    value: { ...existing, codex: { ...codex.value, agent_teams_workspace_trust: ours } },
  };
};

/** New settings that contain only the overrides. */
export const trustSettings = (
  overrides: readonly CodexConfigOverride[],
): { readonly codex: { readonly agent_teams_workspace_trust: CodexTrustSettings } } => ({
  codex: { agent_teams_workspace_trust: { version: 1, config_overrides: overrides } },
});
