import type * as z from "zod";
import type { McpServer } from "../container-config.ts";
import { shaped } from "./texts.ts";

/**
 * The name of a secret of the host. Capital letters only: the names of providers, whose keys agents must not get, are
 * small.
 */
export const secretName: z.ZodType<string> = shaped(
  /^[A-Z][A-Z0-9_]{0,63}$/,
  "a secret's name: capital letters, digits and _, at most 64, beginning with a letter",
);

/** True if a secret of the host can have this name. */
export const isValidSecretName = (text: string): boolean => secretName.safeParse(text).success;

/** The names of the secrets that MCP servers need, each once. */
export const secretsOf = (servers: Readonly<Record<string, McpServer>>): readonly string[] => [
  ...new Set(Object.values(servers).flatMap((server) => Object.values(referencesOf(server)))),
];

const referencesOf = (server: McpServer): Readonly<Record<string, string>> =>
  ("url" in server ? server.secretHeaders : server.secretEnv) ?? {};
