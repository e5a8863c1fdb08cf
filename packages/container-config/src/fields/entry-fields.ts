import * as z from "zod";
import type { Entries } from "../container-config.ts";
import type { EntryField } from "./field.ts";
import { mcpServers } from "./mcp-server.ts";
import { mounts } from "./mount.ts";
import { shaped } from "./texts.ts";

/**
 * A Debian package's name. It becomes a word of `apt-get install`. A name may not start with - (an option),
 * nor end with - (apt-get would remove that package).
 */
const aptPackage: z.ZodType<string> = shaped(
  /^[a-z0-9][a-z0-9+._-]{0,126}[a-z0-9+]$/,
  "the name of a Debian package, such as ripgrep or g++",
);

/** An npm package, with an optional version or tag; a word of `pnpm install -g`. */
const npmPackage: z.ZodType<string> = shaped(
  /^(?:@[a-z0-9][a-z0-9._-]{0,100}\/)?[a-z0-9][a-z0-9._-]{0,110}(?:@[0-9A-Za-z][0-9A-Za-z.+-]{0,63})?$/,
  "the name of an npm package, such as typescript, @scope/tool or tool@1.2.3",
);

/** A list without repetitions. */
const packagesOf = (name: z.ZodType<string>): z.ZodType<readonly string[]> =>
  z
    .array(name)
    .max(200, "has more than 200 packages")
    .refine((names) => new Set(names).size === names.length, "names a package twice");

const skill = shaped(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "a skill's name: letters, digits, . _ and -");

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

/** All lists and maps of a configuration. To add one, add its type to `Entries`, and a row here. */
export const entryFields: { readonly [Name in keyof Entries]: EntryField<Entries[Name]> } = {
  skills: {
    noun: "skill",
    hasForm: (value) => value === "all" || isTexts(value),
    check: z.union([z.literal("all"), z.array(skill).max(500)]),
    needs: "restart",
    file: "skills",
    agentsOwn: true,
    initial: "all",
  },
  mcp_servers: {
    noun: "MCP server",
    hasForm: (value) => isMap(value) && Object.values(value).every(isServer),
    check: mcpServers,
    needs: "restart",
    file: "mcpServers",
    agentsOwn: false,
    initial: {},
  },
  packages_apt: {
    noun: "Debian package",
    hasForm: isTexts,
    check: packagesOf(aptPackage),
    needs: "rebuild",
    file: "packages.apt",
    agentsOwn: false,
    initial: [],
  },
  packages_npm: {
    noun: "npm package",
    hasForm: isTexts,
    check: packagesOf(npmPackage),
    needs: "rebuild",
    file: "packages.npm",
    agentsOwn: false,
    initial: [],
  },
  additional_mounts: {
    noun: "mount at",
    hasForm: (value) => Array.isArray(value) && value.every(isMount),
    check: mounts,
    needs: "restart",
    file: "additionalMounts",
    agentsOwn: false,
    initial: [],
  },
};
