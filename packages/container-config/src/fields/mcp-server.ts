import { z } from "zod";
import type { McpServer } from "../container-config.ts";
import { mcpAddress } from "./mcp-address.ts";
import { line, prose, shaped } from "./texts.ts";

/** Names of the agent's own servers. Another server of that name would be dropped when the agent starts. */
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

/** Entries by name. zod drops an entry `__proto__` without a word, so it is refused before zod sees it. */
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

/** A program to start, or an address, never both. Each has its own kind of secrets. */
const mcpServer: z.ZodType<McpServer> = z
  .strictObject({
    command: z.exactOptional(line(4_096)),
    args: z.exactOptional(z.array(prose(32_768)).max(256, "has more than 256 arguments")),
    env: z.exactOptional(named(variable, prose(32_768))),
    url: z.exactOptional(mcpAddress),
    headers: z.exactOptional(named(header, line(32_768))),
    instructions: z.exactOptional(prose(32_768)),
  })
  .superRefine((server, context) => {
    const mixed = mixedUp(server);
    if (mixed !== null) context.addIssue(mixed);
  })
  .transform((server) => server as McpServer);

const mixedUp = (server: Readonly<Record<string, unknown>>): string | null => {
  const has = (key: string): boolean => Object.hasOwn(server, key);
  if (has("command") && has("url")) return "has a command and a url: it is a program or an address";
  if (!has("command") && !has("url")) return "has neither a command nor a url";
  if (has("url") && (has("args") || has("env")))
    return "has a url, so args and env are of no use: it takes headers";
  if (has("command") && has("headers")) return "has a command, so headers are of no use: it takes env";
  return null;
};

export const mcpServers: z.ZodType<Readonly<Record<string, McpServer>>> = named(mcpName, mcpServer);
