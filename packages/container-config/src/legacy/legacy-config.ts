import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import { entryNames, fieldNames, fields, type Settings } from "../fields/fields.ts";
import type { Result } from "@gatehouse/std";
import { modern } from "./modern.ts";
import { takeField } from "./take-entries.ts";

/**
 * The settings of a legacy `container.json`, or of a row of a legacy database. `settings` has only those that
 * are present and valid.
 */
export type LegacyConfig = {
  readonly settings: Partial<Settings>;
  /** A problem for each invalid value, or invalid entry of a list or map. */
  readonly refused: readonly ConfigProblem[];
  /** Unknown keys, and values that have no use here. */
  readonly ignored: readonly string[];
};

/** Keys of the file that are not settings. The database has them in another table. */
const notSettings: readonly string[] = ["groupName", "agentGroupId"];

/**
 * Reads a legacy `container.json` of a group. Keeps valid values, and reports each invalid entry. Null and
 * the empty text mean unset there. `home` replaces the `~` of a mount's host path.
 */
export const parseLegacyConfig = (
  text: string,
  home: string,
  groupId: string,
): Result<LegacyConfig, InvalidConfig> => {
  const json = parseJson(text.replace(/^\uFEFF/, ""));
  if (!isObject(json)) return { ok: false, error: { code: "invalid-config", problems: [notAnObject] } };
  const packages = json["packages"] ?? {};
  const flat = { ...json, ...(isObject(packages) ? prefixed("packages.", packages) : {}) };
  const named = fieldNames.flatMap((name) => {
    const { file } = fields[name];
    return file !== null && Object.hasOwn(flat, file) ? [[name, (flat as Fields)[file]] as const] : [];
  });
  const known = fieldNames.map((name) => fields[name].file);
  const ignored = Object.keys(flat).filter(
    (key) => key !== "packages" && !notSettings.includes(key) && !known.includes(key),
  );
  const { settings, refused, ignored: useless } = settingsFrom(Object.fromEntries(named), home, groupId);
  const noPackages = isObject(packages)
    ? []
    : [{ path: "packages", problem: "is not an object with apt and npm" }];
  return {
    ok: true,
    value: { settings, refused: [...noPackages, ...refused], ignored: [...ignored, ...useless] },
  };
};

const notAnObject: ConfigProblem = {
  path: "container.json",
  problem: "is not a JSON object, or is cut off",
};

/**
 * Reads a row of a legacy `container_configs` in the same way: lists and maps are JSON text there. Ignores
 * other columns.
 */
export const parseLegacyRow = (row: Fields, home: string): LegacyConfig => {
  const values = fieldNames.flatMap((name) => {
    const value = row[name];
    if (value === undefined) return [];
    const isJson = entryNames.some((entry) => entry === name) && typeof value === "string";
    return [[name, isJson ? parseJson(value) : value] as const];
  });
  return settingsFrom(Object.fromEntries(values), home, String(row["agent_group_id"]));
};

type Fields = Readonly<Record<string, unknown>>;

const settingsFrom = (values: Fields, home: string, groupId: string): LegacyConfig => {
  const settings: Partial<Record<keyof Settings, unknown>> = {};
  const refused: ConfigProblem[] = [];
  const ignored: string[] = [];
  for (const [name, said] of Object.entries(values) as [keyof Settings, unknown][]) {
    if (said === null || said === "") continue;
    if (name === "image_tag" && isBuilt(said, groupId)) {
      ignored.push(builtImage);
      continue;
    }
    const taken = takeField(name, modern(name, said, home));
    if (taken.value !== undefined) settings[name] = taken.value;
    refused.push(...taken.refused);
  }
  return { settings: settings as Partial<Settings>, refused, ignored };
};

/**
 * True for the image `<base>:<group id>`. nanoclaw builds it from a group's packages, so no person chose it.
 */
const isBuilt = (image: unknown, groupId: string): boolean =>
  typeof image === "string" && image.endsWith(`:${groupId}`);

const builtImage = "imageTag (nanoclaw built that image from the packages, and the host builds its own)";

const prefixed = (prefix: string, values: Fields): Fields =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Undefined for broken JSON. The parser's message is dropped, since it quotes the text, which may hold
 * secrets.
 */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
};
