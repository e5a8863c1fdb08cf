import { checkSettings } from "../fields/check-config.ts";
import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import { entryNames, fieldNames, fields, type Settings } from "../fields/fields.ts";
import type { Result } from "@gatehouse/std";

/**
 * The settings of a legacy `container.json`, or of a row of a legacy database. `settings` has only the given
 * ones.
 */
export type LegacyConfig = {
  readonly settings: Partial<Settings>;
  /** Unknown keys. */
  readonly ignored: readonly string[];
};

/** Keys for the reader of the file. The database has them elsewhere. */
const notSettings: readonly string[] = ["groupName", "agentGroupId"];

/**
 * Reads a legacy `container.json`; all its problems are listed. Null and the empty text are unset there.
 * `home` replaces the `~` of a mount's host path.
 */
export const parseLegacyConfig = (text: string, home: string): Result<LegacyConfig, InvalidConfig> => {
  const json = parseJson(text.replace(/^\uFEFF/, ""));
  if (!isObject(json))
    return invalid([{ path: "container.json", problem: "is not a JSON object, or is cut off" }]);
  const packages = json["packages"] ?? {};
  if (!isObject(packages))
    return invalid([{ path: "packages", problem: "is not an object with apt and npm" }]);
  const flat = { ...json, ...prefixed("packages.", packages) };
  const named = fieldNames.flatMap((name) => {
    const { file } = fields[name];
    return file !== null && Object.hasOwn(flat, file) ? [[name, (flat as Fields)[file]] as const] : [];
  });
  const known = fieldNames.map((name) => fields[name].file);
  const ignored = Object.keys(flat).filter(
    (key) => key !== "packages" && !notSettings.includes(key) && !known.includes(key),
  );
  return settingsFrom(Object.fromEntries(named), home, ignored);
};

/** Reads a row of a legacy `container_configs`: lists and maps are JSON text there. */
export const parseLegacyRow = (row: Fields, home: string): Result<LegacyConfig, InvalidConfig> => {
  const values = fieldNames.flatMap((name) => {
    const value = row[name];
    if (value === undefined) return [];
    const isJson = entryNames.some((entry) => entry === name) && typeof value === "string";
    return [[name, isJson ? parseJson(value) : value] as const];
  });
  return settingsFrom(Object.fromEntries(values), home, []);
};

type Fields = Readonly<Record<string, unknown>>;

const settingsFrom = (
  values: Fields,
  home: string,
  ignored: readonly string[],
): Result<LegacyConfig, InvalidConfig> => {
  const said = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  const checked = checkSettings(
    Object.fromEntries(said.map(([name, value]) => [name, modern(name, value, home)])),
  );
  return checked.ok ? { ok: true, value: { settings: checked.value, ignored } } : checked;
};

/** Converts the few values whose form changed. */
const modern = (name: string, value: unknown, home: string): unknown => {
  if (name === "mcp_servers" && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, server]) => [key, withoutType(server)]));
  if (name === "additional_mounts" && Array.isArray(value))
    return value.map((mount) => withHome(mount, home));
  return value;
};

/** Drops a server's `type` if it repeats its keys: `stdio` for a command, `http` for an address. */
const withoutType = (server: unknown): unknown => {
  if (!isObject(server)) return server;
  const { type, ...rest } = server;
  return type === ("url" in rest ? "http" : "stdio") ? rest : server;
};

const withHome = (mount: unknown, home: string): unknown => {
  if (!isObject(mount) || typeof mount["hostPath"] !== "string") return mount;
  return { ...mount, hostPath: mount["hostPath"].replace(/^~(?=\/|$)/, () => home) };
};

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

const invalid = (
  problems: readonly ConfigProblem[],
): { readonly ok: false; readonly error: InvalidConfig } => ({
  ok: false,
  error: { code: "invalid-config", problems },
});
