import { parseJson } from "@gatehouse/std";

/** An argument with settings: its index, the settings' text, and the prefix before it. */
export type SettingsPlace = {
  readonly index: number;
  readonly prefix: "" | "--settings=";
  readonly text: string;
};

/** Every `--settings` of an argv, in order. There are no flags after `--`. */
export const settingsPlaces = (args: readonly string[]): readonly SettingsPlace[] => {
  const places: SettingsPlace[] = [];
  for (let index = 0; index < args.length && args[index] !== "--"; index += 1) {
    const arg = args[index] ?? "";
    if (arg === "--settings") {
      index += 1;
      if (index < args.length) places.push({ index, prefix: "", text: args[index] ?? "" });
    } else if (arg.startsWith("--settings="))
      places.push({ index, prefix: "--settings=", text: arg.slice("--settings=".length) });
  }
  return places;
};

export type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a key of the object itself, not of its prototype. */
const own = (object: Json, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

const trustPath = ["codex", "agent_teams_workspace_trust", "config_overrides"];

/** True if settings carry trust for Codex. */
export const carriesTrust = (settings: Json): boolean =>
  Array.isArray(trustPath.reduce<unknown>((at, key) => (isObject(at) ? own(at, key) : undefined), settings));

/**
 * Merges two settings. If both have a value, the later one counts, except that lists of trust overrides are joined: so
 * no folder is lost.
 */
export const mergeJson = (earlier: Json, later: Json, path: readonly string[] = []): Json => {
  const keys = new Set([...Object.keys(earlier), ...Object.keys(later)]);
  const merged = [...keys].map((key): [string, unknown] => {
    const [a, b] = [own(earlier, key), own(later, key)];
    const here = [...path, key];
    if (b === undefined) return [key, a];
    if (isObject(a) && isObject(b)) return [key, mergeJson(a, b, here)];
    const isTrust = here.join("/") === trustPath.join("/");
    return [key, isTrust && Array.isArray(a) && Array.isArray(b) ? [...new Set([...a, ...b])] : b];
  });
  return Object.fromEntries(merged);
};

/** Arguments for a holder, with the settings separated from the others; null without settings. */
export type SplitArguments = { readonly args: readonly string[]; readonly settings: Json | null };

/** Takes the settings out of an argv. Settings that are not an inline object stay in the arguments. */
export const splitSettings = (args: readonly string[]): SplitArguments => {
  const last = settingsPlaces(args).at(-1);
  const settings = last === undefined ? null : parseJson(last.text);
  if (last === undefined || !isObject(settings)) return { args, settings: null };
  const from = last.prefix === "" ? last.index - 1 : last.index;
  return { args: [...args.slice(0, from), ...args.slice(last.index + 1)], settings };
};
