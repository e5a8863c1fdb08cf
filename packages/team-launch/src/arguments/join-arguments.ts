import { parseJson } from "@gatehouse/std";
import { limits } from "@trust/codex-overrides";
import {
  carriesTrust,
  mergeJson,
  settingsPlaces,
  type Json,
  type SettingsPlace,
} from "./settings-in-argv.ts";

/** Why the settings of caller and app were not merged. The app's come last then, so they take effect. */
export type JoinDiagnostic = { readonly code: "settings-not-inline" | "argument-too-long" };

export type JoinedArguments = {
  readonly args: readonly string[];
  readonly diagnostics: readonly JoinDiagnostic[];
};

/** The text of a settings file that the caller's argument names; null if it cannot be read. */
export type ReadSettings = (path: string) => string | null;

/**
 * Joins the caller's extra arguments and the app's into one argv. The app's come after the caller's, so the caller
 * cannot switch them off, and before a `--`. If the app's settings carry trust, all settings are merged into one
 * argument, with the later value of a key; otherwise no settings are rewritten. `readSettings` reads the caller's
 * settings files; a file that cannot be read stays an argument, before the merged settings.
 */
export const joinArguments = (
  caller: readonly string[],
  app: readonly string[],
  readSettings: ReadSettings = () => null,
): JoinedArguments => {
  const end = caller.includes("--") ? caller.indexOf("--") : caller.length;
  const plain = [...caller.slice(0, end), ...app, ...caller.slice(end)];
  const places = settingsPlaces(plain).map((place) => ({
    ...place,
    settings: settingsOf(place, readSettings),
  }));
  const whole = places.filter((place): place is WholePlace => place.settings !== null);
  if (places.length < 2 || !whole.some(({ settings }) => carriesTrust(settings)))
    return { args: plain, diagnostics: [] };
  const merged = JSON.stringify(whole.map(({ settings }) => settings).reduce((a, b) => mergeJson(a, b)));
  if (maxBytesOf(merged) > limits.argumentBytes)
    return { args: plain, diagnostics: [{ code: "argument-too-long" }] };
  return {
    args: withOne(plain, whole, merged),
    diagnostics: whole.length < places.length ? [{ code: "settings-not-inline" }] : [],
  };
};

type WholePlace = SettingsPlace & { readonly settings: Json };

/** The settings in an argument: inline, or in the file that it names; null for anything else. */
const settingsOf = ({ text }: SettingsPlace, readSettings: ReadSettings): Json | null =>
  text.trimStart().startsWith("{") ? inline(text) : inline(readSettings(text) ?? "");

/** Settings that are an object in the argument itself; null for a file's path and for broken JSON. */
const inline = (text: string): Json | null => {
  if (!text.trimStart().startsWith("{")) return null;
  const settings = parseJson(text) as Json | null;
  return settings !== null && isWritable(settings) ? settings : null;
};

/** `JSON.stringify` is recursive, and its stack overflows at some thousand levels; `JSON.parse` has no limit. */
const isWritable = (settings: unknown): boolean => {
  let level: readonly unknown[] = [settings];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth += 1)
    level = level.flatMap((value): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    );
  return level.length === 0;
};

const maxDepth = 100;

/** An upper bound of the bytes of a text in UTF-8: a core has no `TextEncoder`. */
const maxBytesOf = (text: string): number => (/^[\0-\x7f]*$/.test(text) ? text.length : 3 * text.length);

/** The argv with its last settings replaced by this text, and its other settings removed. */
const withOne = (
  args: readonly string[],
  places: readonly SettingsPlace[],
  text: string,
): readonly string[] => {
  const last = places.at(-1);
  const dropped = new Set(
    places.slice(0, -1).flatMap(({ index, prefix }) => (prefix === "" ? [index - 1, index] : [index])),
  );
  return args.flatMap((arg, index) => {
    if (dropped.has(index)) return [];
    return [index === last?.index ? `${last.prefix}${text}` : arg];
  });
};
