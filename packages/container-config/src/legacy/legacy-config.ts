import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import { entryNames, fieldNames, fields, type Settings } from "../fields/fields.ts";
import { checkField } from "../fields/check-config.ts";
import type { Result } from "@gatehouse/std";

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

/** Converts the values of a legacy configuration whose form has changed. Returns other values unchanged. */
const modern = (name: string, value: unknown, home: string): unknown => {
  if (name === "mcp_servers" && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, server]) => [key, modernServer(server)]));
  if (name === "additional_mounts" && Array.isArray(value))
    return value.map((mount) => modernMount(mount, home));
  return value;
};

const modernServer = (server: unknown): unknown => {
  if (!isObject(server)) return server;
  const said = Object.entries(server).filter(([, value]) => value !== null);
  const { type, env, headers, ...rest }: Fields = Object.fromEntries(said);
  return {
    ...rest,
    ...(type === undefined || repeatsKeys(type, rest) ? {} : { type }),
    ...(env === undefined ? {} : { env: withTexts(env) }),
    ...(headers === undefined ? {} : { headers: withTexts(headers) }),
  };
};

/** True if the type only repeats the keys: `stdio` with a command, `http` with an address. */
const repeatsKeys = (type: unknown, server: Fields): boolean =>
  "url" in server ? type === "http" || type === "streamable-http" : type === "stdio";

/** Converts numbers and booleans to text, as in a program's environment. */
const withTexts = (map: unknown): unknown =>
  isObject(map)
    ? Object.fromEntries(
        Object.entries(map).map(([name, value]) => [
          name,
          typeof value === "number" || typeof value === "boolean" ? String(value) : value,
        ]),
      )
    : map;

/** Without a container path, a mount is named after its folder. */
const modernMount = (mount: unknown, home: string): unknown => {
  if (!isObject(mount) || typeof mount["hostPath"] !== "string") return mount;
  const hostPath = mount["hostPath"].replace(/^~(?=\/|$)/, () => home);
  const containerPath = mount["containerPath"] || hostPath.replace(/\/+$/, "").split("/").at(-1);
  return { ...mount, hostPath, containerPath };
};

/** The valid part of a value, and a problem for each invalid entry. */
type TakenField<Name extends keyof Settings> = {
  /** Missing if no part of the value is valid. */
  readonly value?: Settings[Name];
  readonly refused: readonly ConfigProblem[];
};

const lists: readonly (keyof Settings)[] = ["skills", "packages_apt", "packages_npm", "additional_mounts"];

/** Maximum entries that are checked one by one. A longer list is refused as a whole. */
const most = 1_000;

/**
 * Keeps the valid part of another program's value. Checks each entry of a list or map by itself, so that one
 * bad entry does not drop the others.
 */
const takeField = <Name extends keyof Settings>(name: Name, value: unknown): TakenField<Name> => {
  if (lists.includes(name) && Array.isArray(value) && value.length <= most) return takeList(name, value);
  if (name === "mcp_servers" && isObject(value)) return takeMap(name, value);
  const checked = checkField(name, value);
  return checked.ok ? { value: checked.value, refused: [] } : { refused: checked.error.problems };
};

/** Checks each entry together with the entries before it, because two entries may exclude each other. */
const takeList = <Name extends keyof Settings>(name: Name, list: readonly unknown[]): TakenField<Name> => {
  const kept: unknown[] = [];
  const refused: ConfigProblem[] = [];
  list.forEach((entry, index) => {
    const checked = checkField(name, [...kept, entry]);
    if (checked.ok) return kept.push(entry);
    const label = labelOf(entry) ?? String(index);
    return refused.push(...relabelled(checked.error.problems, `${name}.${kept.length}`, `${name}.${label}`));
  });
  return { ...valueOf(name, kept), refused };
};

const takeMap = <Name extends keyof Settings>(name: Name, map: Fields): TakenField<Name> => {
  const kept: [string, unknown][] = [];
  const refused: ConfigProblem[] = [];
  for (const entry of Object.entries(map)) {
    const checked = checkField(name, Object.fromEntries([entry]));
    if (checked.ok) kept.push(entry);
    else if (isObject(entry[1]) && "type" in entry[1])
      refused.push({ path: `${name}.${entry[0]}`, problem: otherType });
    else refused.push(...checked.error.problems);
  }
  return { ...valueOf(name, Object.fromEntries(kept)), refused };
};

/** The problem of a server with an unsupported type, such as `sse`. */
const otherType = "has a type that is of no use here: there are stdio with a command and http with a url";

/** The kept entries in the form in which they are saved. */
const valueOf = <Name extends keyof Settings>(name: Name, kept: unknown): Pick<TakenField<Name>, "value"> => {
  const checked = checkField(name, kept);
  return checked.ok ? { value: checked.value } : {};
};

/** Replaces the tried path of a problem, such as `packages_apt.3`, by one with the entry's label. */
const relabelled = (
  problems: readonly ConfigProblem[],
  tried: string,
  label: string,
): readonly ConfigProblem[] =>
  problems.map(({ path, problem }) => ({
    path: path.startsWith(tried) ? label + path.slice(tried.length) : label,
    problem,
  }));

/**
 * The name of a package or the host path of a mount, if it can be quoted in a sentence; else null. Neither is
 * a secret.
 */
const labelOf = (entry: unknown): string | null => {
  const text = isObject(entry) ? entry["hostPath"] : entry;
  return typeof text === "string" && /^[\w.+=~@/ -]{1,200}$/.test(text) ? text : null;
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
