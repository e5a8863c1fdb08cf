import { TomlDate, type TomlTable, type TomlValue } from "./toml-value.ts";

/** A TOML basic string. JSON escapes the same characters except DEL, which TOML refuses without an escape. */
export const quoted = (text: string): string => {
  const json = JSON.stringify(text);
  return json.includes("\u007f") ? json.replaceAll("\u007f", "\\u007f") : json;
};

/** The shortest spelling of a key. */
export const keyText = (key: string): string => (/^[\w-]+$/.test(key) ? key : quoted(key));

export const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof TomlDate);

const below = (value: TomlValue): readonly TomlValue[] => {
  if (Array.isArray(value)) return value;
  return isTable(value) ? Object.values(value) : [];
};

/** The level limit for a value that is written again. Some thousands of levels would overflow the stack. */
export const maxLevels = 64;

/**
 * True if tables and lists are nested deeper than `maxLevels`. It works level by level without recursion, so
 * it always ends.
 */
export const isTooDeep = (value: TomlValue): boolean => {
  let level: readonly TomlValue[] = [value];
  for (let depth = 0; depth <= maxLevels && level.length > 0; depth += 1) level = level.flatMap(below);
  return level.length > 0;
};

const floatText = (value: number): string => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) && !/e/.test(String(value)) ? `${value}.0` : String(value);
};

/**
 * A value on one line, as Codex accepts it in `-c key=value`. The TOML library can only write whole
 * documents.
 */
export const inlineToml = (value: TomlValue): string => {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return floatText(value);
  if (value instanceof TomlDate) return value.text;
  if (Array.isArray(value)) return `[${value.map(inlineToml).join(",")}]`;
  if (isTable(value)) {
    const entries = Object.entries(value).map(([key, entry]) => `${keyText(key)}=${inlineToml(entry)}`);
    return `{${entries.join(",")}}`;
  }
  return String(value);
};
