import { parseJson } from "@gatehouse/std";
import { limits } from "@trust/codex-overrides";
import {
  carriesTrust,
  mergeJson,
  settingsPlaces,
  type Json,
  type SettingsPlace,
} from "./settings-in-argv.ts";

/** Why the settings of caller and app stayed apart. The app's are the last then, so theirs are in effect. */
export type JoinDiagnostic = { readonly code: "settings-not-inline" | "argument-too-long" };

export type JoinedArguments = {
  readonly args: readonly string[];
  readonly diagnostics: readonly JoinDiagnostic[];
};

/** The text of a settings file that the caller's argument names; null if it cannot be read. */
export type ReadSettings = (path: string) => string | null;

/**
 * The caller's extra arguments and the app's, as one argv. The app's come after the caller's, and before a
 * `--`, so that the caller cannot switch them off. Where the app's settings carry trust, all settings become
 * one, the later value of a key in effect; otherwise nothing is rewritten. `readSettings` reads the caller's
 * settings files; one that cannot be read stays an argument, before the merged settings.
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
  if (mostBytes(merged) > limits.argumentBytes)
    return { args: plain, diagnostics: [{ code: "argument-too-long" }] };
  return {
    args: withOne(plain, whole, merged),
    diagnostics: whole.length < places.length ? [{ code: "settings-not-inline" }] : [],
  };
};

type WholePlace = SettingsPlace & { readonly settings: Json };

/** The settings of an argument: inline, or of the file that it names; null for anything else. */
const settingsOf = ({ text }: SettingsPlace, readSettings: ReadSettings): Json | null =>
  text.trimStart().startsWith("{") ? inline(text) : inline(readSettings(text) ?? "");

/** Settings that are an object in the argument itself; null for the path of a file, and for broken JSON. */
const inline = (text: string): Json | null => {
  if (!text.trimStart().startsWith("{")) return null;
  const settings = parseJson(text) as Json | null;
  return settings !== null && isWritable(settings) ? settings : null;
};

/** `JSON.stringify` is recursive, and its stack ends at some thousand levels; `JSON.parse` has no limit. */
const isWritable = (settings: unknown): boolean => {
  let level: readonly unknown[] = [settings];
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1)
    level = level.flatMap((value): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    );
  return level.length === 0;
};

const deepest = 100;

/** No less than the bytes of a text in UTF-8: a core has no `TextEncoder`. */
const mostBytes = (text: string): number => (/^[\0-\x7f]*$/.test(text) ? text.length : 3 * text.length);

/** The argv with its last settings replaced, and without the others. */
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
