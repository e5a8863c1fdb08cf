import * as z from "zod";
import type { McpServer } from "../container-config.ts";
import { secretName } from "./secret-name.ts";
import { line, prose, shaped } from "./texts.ts";
import { addressParts, isSecretPiece, pieceOf } from "../secrets/address-parts.ts";

/** Names of the agent's own servers. When the agent starts, it would drop another server of that name. */
const reserved: readonly string[] = ["gatehouse", "nanoclaw"];

/** The name of an MCP server: the agent sees its tools under it. */
const mcpName: z.ZodType<string> = shaped(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
  "a server's name: letters, digits, - and _, at most 64",
).refine(
  (name) => !reserved.includes(name.toLowerCase()),
  `is reserved: ${reserved.join(", ")} are the agent's own`,
);

const variable = shaped(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/, "the name of an environment variable");
const header = shaped(/^[!#$%&'*+.^_`|~A-Za-z0-9-]{1,256}$/, "the name of an HTTP header");

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Entries by name. zod silently drops an entry `__proto__`, so it is refused before zod gets it. */
const named = <Value>(name: z.ZodType<string>, value: z.ZodType<Value>): z.ZodType<Record<string, Value>> =>
  z
    .unknown()
    .superRefine((map, context) => {
      if (isObject(map) && Object.hasOwn(map, "__proto__"))
        context.addIssue({
          code: "custom",
          path: ["__proto__"],
          message: "is a name that no entry can have",
        });
    })
    .pipe(z.record(name, value));

const address = shaped(
  /^https?:\/\/(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?(?:[/?#][!-~]{0,2048})?$/,
  "an address, such as https://tools.example/mcp, with no password in it",
);

const secretIn = (where: string): string =>
  `has what looks like a secret in its ${where}: leave it out, and name a secret of the host in secret headers`;

/**
 * The address of an MCP server. Everyone who sees the configuration sees the address, so it may hold no
 * secret.
 */
const mcpAddress: z.ZodType<string> = address.superRefine((url, context) => {
  const problem = problemOf(url);
  if (problem !== null) context.addIssue(problem);
});

const problemOf = (url: string): string | null => {
  const parts = addressParts(url);
  const host = hostOf(url);
  if (parts === null || host === null) return "is not an address, such as https://tools.example/mcp";
  if (url.startsWith("http:") && !isThisMachine(host))
    return "is plain http to another machine: use https, or http to localhost, 127.0.0.1 or [::1]";
  if (parts.fragment !== "")
    return "has a # part, which no server is sent: leave it out, and name a secret of the host in secret headers";
  if (parts.query.slice(1).split(/[&;]/u).map(pieceOf).some(isSecretPiece)) return secretIn("query");
  return parts.path.split(/[/;]/u).map(pieceOf).some(isSecretPiece) ? secretIn("path") : null;
};

/** The host that a client will talk to. IPv4 in any notation becomes four decimal numbers. */
const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).hostname : null);

const isThisMachine = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(host);

/** A program to start or an address, but never both: each has its own kind of secrets. */
const mcpServer: z.ZodType<McpServer> = z
  .strictObject({
    command: z.exactOptional(line(4_096)),
    args: z.exactOptional(z.array(prose(32_768)).max(256, "has more than 256 arguments")),
    env: z.exactOptional(named(variable, prose(32_768))),
    secretEnv: z.exactOptional(named(variable, secretName)),
    url: z.exactOptional(mcpAddress),
    headers: z.exactOptional(named(header, line(32_768))),
    secretHeaders: z.exactOptional(named(header, secretName)),
    instructions: z.exactOptional(prose(32_768)),
  })
  .superRefine((server, context) => {
    const mixed = mixedUp(server);
    if (mixed !== null) context.addIssue(mixed);
    for (const path of givenTwice(server)) context.addIssue({ code: "custom", path, message: twice });
  })
  .transform((server) => server as McpServer);

const mixedUp = (server: Readonly<Record<string, unknown>>): string | null => {
  const has = (key: string): boolean => Object.hasOwn(server, key);
  if (has("command") && has("url")) return "has a command and a url: it is a program or an address";
  if (!has("command") && !has("url")) return "has neither a command nor a url";
  if (has("url") && (has("args") || has("env")))
    return "has a url, so args and env are of no use: it takes headers";
  if (has("url") && has("secretEnv")) return "has a url, so secretEnv is of no use: it takes secretHeaders";
  if (has("command") && has("headers")) return "has a command, so headers are of no use: it takes env";
  if (has("command") && has("secretHeaders"))
    return "has a command, so secretHeaders are of no use: it takes secretEnv";
  return null;
};

const twice = "has a value and a secret: give one of them";

type Maps = Readonly<
  Partial<Record<"env" | "secretEnv" | "headers" | "secretHeaders", Readonly<Record<string, string>>>>
>;

/** The paths of variables and headers that have a value and a secret. Header names have no case. */
const givenTwice = ({ env = {}, secretEnv = {}, headers = {}, secretHeaders = {} }: Maps): string[][] => {
  const given = Object.keys(headers).map((name) => name.toLowerCase());
  return [
    ...Object.keys(secretEnv)
      .filter((name) => Object.hasOwn(env, name))
      .map((name) => ["secretEnv", name]),
    ...Object.keys(secretHeaders)
      .filter((name) => given.includes(name.toLowerCase()))
      .map((name) => ["secretHeaders", name]),
  ];
};

export const mcpServers: z.ZodType<Readonly<Record<string, McpServer>>> = named(mcpName, mcpServer);
