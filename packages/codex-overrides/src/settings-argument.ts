import type { CodexConfigOverride } from "./config-override.ts";
import { tooLong, type TooLong } from "./limits.ts";
import { jsonText, parseJson } from "./parse-text.ts";
import type { Result } from "@gatehouse/std";
import { mergeSettings, trustSettings, type Settings, type SettingsProblem } from "./trust-settings.ts";

/**
 * The settings in an argv are the path of a file, not JSON, or nested too deep to write again. Nothing can be
 * merged with them.
 */
export type NotInline = { readonly code: "settings-not-inline" };

export type SettingsArgumentError = SettingsProblem | NotInline | TooLong;

/** The index of an argument with settings, the prefix of the argument, and the settings. */
type Found = { readonly index: number; readonly flag: "" | "--settings="; readonly text: string };

const settingsAt = (args: readonly string[], index: number): Found | null => {
  const arg = args[index] ?? "";
  if (arg === "--settings") return { index: index + 1, flag: "", text: args[index + 1] ?? "" };
  if (!arg.startsWith("--settings=")) return null;
  return { index, flag: "--settings=", text: arg.slice("--settings=".length) };
};

/** The last settings, which are the ones in effect. After `--` there are no flags. */
const lastSettings = (args: readonly string[]): Found | null => {
  let found: Found | null = null;
  for (let index = 0; index < args.length && args[index] !== "--"; index += 1) {
    const here = settingsAt(args, index);
    if (here !== null) index = here.index;
    found = here ?? found;
  }
  return found;
};

const inlineSettings = (text: string): Result<Settings, NotInline> => {
  const parsed = text.trimStart().startsWith("{") ? parseJson(text) : null;
  return parsed?.ok
    ? { ok: true, value: parsed.value as Settings }
    : { ok: false, error: { code: "settings-not-inline" } };
};

/** These arguments, unless the one at `index` is too long. */
const checked = (args: readonly string[], index: number): Result<readonly string[], TooLong> => {
  const error = tooLong(args[index] ?? "");
  return error === null ? { ok: true, value: args } : { ok: false, error };
};

/**
 * Adds these overrides to the inline `--settings` of an argv. They are merged into the last settings, or a
 * new argument is added at the start. Without overrides to add, the argv is returned unchanged.
 */
export const mergeSettingsArgument = (
  args: readonly string[],
  overrides: readonly CodexConfigOverride[],
): Result<readonly string[], SettingsArgumentError> => {
  if (overrides.length === 0) return { ok: true, value: args };
  const found = lastSettings(args);
  if (found === null) return checked(["--settings", JSON.stringify(trustSettings(overrides)), ...args], 1);
  const existing = inlineSettings(found.text);
  if (!existing.ok) return existing;
  const merged = mergeSettings(existing.value, overrides);
  if (!merged.ok) return merged;
  if (merged.value === existing.value) return { ok: true, value: args };
  const text = jsonText(merged.value);
  if (text === null) return { ok: false, error: { code: "settings-not-inline" } };
  return checked(args.with(found.index, `${found.flag}${text}`), found.index);
};

/** Separates the last `--settings` of an argv from the other arguments; null if they are no inline object. */
export const splitSettings = (
  args: readonly string[],
): { readonly args: readonly string[]; readonly settings: Settings | null } => {
  const found = lastSettings(args);
  const inline = found === null ? null : inlineSettings(found.text);
  if (found === null || inline?.ok !== true) return { args, settings: null };
  const from = found.flag === "" ? found.index - 1 : found.index;
  return { args: [...args.slice(0, from), ...args.slice(found.index + 1)], settings: inline.value };
};
