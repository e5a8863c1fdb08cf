import type { Entries } from "../container-config.ts";

/** True if a value has the form of this list or map. Does not check its entries. */
export const entryShapes: { readonly [Name in keyof Entries]: (value: unknown) => boolean } = {
  skills: (value) => value === "all" || isTexts(value),
  mcp_servers: (value) => isMap(value) && Object.values(value).every(isServer),
  packages_apt: (value) => isTexts(value),
  packages_npm: (value) => isTexts(value),
  additional_mounts: (value) => Array.isArray(value) && value.every(isMount),
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === "string";

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const isMapOfTexts = (value: unknown): boolean => isMap(value) && Object.values(value).every(isText);

const isOr = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);

const isServer = (value: unknown): boolean =>
  isMap(value) &&
  (isText(value["command"]) || isText(value["url"])) &&
  isOr(value["args"], isTexts) &&
  isOr(value["env"], isMapOfTexts) &&
  isOr(value["headers"], isMapOfTexts) &&
  isOr(value["secretEnv"], isMapOfTexts) &&
  isOr(value["secretHeaders"], isMapOfTexts) &&
  isOr(value["instructions"], isText);

const isMount = (value: unknown): boolean =>
  isMap(value) &&
  isText(value["hostPath"]) &&
  isText(value["containerPath"]) &&
  isOr(value["readonly"], (flag) => typeof flag === "boolean");
