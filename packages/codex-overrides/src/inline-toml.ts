import { TomlDate, type TomlTable, type TomlValue } from "smol-toml";

/** A TOML basic string. JSON escapes what TOML does, but for DEL, which TOML refuses bare. */
export const quoted = (text: string): string => {
  const json = JSON.stringify(text);
  return json.includes("\u007f") ? json.replaceAll("\u007f", "\\u007f") : json;
};

/** A key as short as it can be written. */
export const keyText = (key: string): string => (/^[\w-]+$/.test(key) ? key : quoted(key));

export const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);

const floatText = (value: number): string => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) && !/e/.test(String(value)) ? `${value}.0` : String(value);
};

/** A value on one line, as Codex takes it in `-c key=value`: the serialiser of the TOML library writes whole documents. */
export const inlineToml = (value: TomlValue): string => {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return floatText(value);
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(inlineToml).join(",")}]`;
  if (isTable(value)) {
    const entries = Object.entries(value).map(([key, below]) => `${keyText(key)}=${inlineToml(below)}`);
    return `{${entries.join(",")}}`;
  }
  return String(value);
};
