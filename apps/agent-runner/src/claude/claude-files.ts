import { join } from "node:path";
import type { McpServer } from "../container-json.ts";
import { writeCliFolder } from "../files.ts";
import { serverName } from "../host-tools/tool-names.ts";
import type { ProviderPlace } from "../provider.ts";

/** The folder that Claude Code has as CLAUDE_CONFIG_DIR: its settings, and one transcript for each session. */
export const claudePath = (folder: string): string => join(folder, "out", "claude");

/** The file with the MCP servers in that folder. */
export const mcpConfigPath = (folder: string): string => join(claudePath(folder), "mcp.json");

/**
 * Writes the files that Claude Code reads at its start. `rules`: those by which a person always allows tools in this
 * group; with `--setting-sources user` they are in these settings.
 *
 * `-p` asks for no trust and runs the project's hooks and its `.mcp.json` (2.1.330), so the project's settings are
 * not read; CLAUDE.md and the skills come by this folder instead.
 */
export const writeClaudeFiles = (place: ProviderPlace, rules: readonly string[]): Promise<void> => {
  const { folder, json, gateway } = place;
  const servers = Object.entries(json.mcpServers).map(asClaudeServer);
  const settings = {
    ...(gateway === null ? {} : { apiKeyHelper: gateway.tokenCommand }),
    cleanupPeriodDays: 36_500,
    ...permissions(rules),
    // Otherwise Claude Code asks its vendor about each host, past the gateway (2.1.332).
    skipWebFetchPreflight: true,
  };
  return writeCliFolder(place, {
    path: claudePath(folder),
    // The transcripts and the plans. A subagent of an old folder may allow itself tools too.
    kept: /^(?:projects|plans)$/,
    instructions: "CLAUDE.md",
    asRead: withoutImports,
    files: {
      "settings.json": JSON.stringify(settings),
      "mcp.json": JSON.stringify({
        mcpServers: { ...Object.fromEntries(servers), [serverName]: hostServer },
      }),
    },
  });
};

/**
 * The text of a CLAUDE.md in which each `@path` is only text: a backslash after the `@` prevents the import (2.1.332).
 * Claude Code follows the imports of this folder's file without a question, since it takes the file for the user's own.
 */
export const withoutImports = (text: string): string => text.replaceAll(importMark, "@\\");

/** The `@` before a path, or before a name with a dot; not that of an address of mail, or of a person. */
const importMark = /@(?=[/~.-])|(?<![\w.+-])@(?=\w(?:\\ |\S)*(?:\/|\.\w))/g;

/**
 * Tools that Claude Code uses without a question, unless a rule asks: fetches from hosts that it knows, such as
 * modelcontextprotocol.io, and any resource of an MCP server (2.1.332).
 */
const unaskedTools: readonly string[] = ["WebFetch", ...["ListMcpResourcesTool", "ReadMcpResourceTool"]];

/**
 * In plan mode Claude Code lets a classifier of its vendor decide about tools instead of a person. Each of the two
 * settings about auto mode prevents that (2.1.328).
 */
const permissions = (allow: readonly string[]): object => ({
  permissions: { allow, ask: unaskedTools, defaultMode: "default", disableAutoMode: "disable" },
  useAutoModeDuringPlan: false,
});

/**
 * The runner itself, over the control protocol. Without this entry a resumed turn begins before its tools are there,
 * and later turns find them behind a search (2.1.328).
 */
const hostServer = { type: "sdk", name: serverName, alwaysLoad: true };

/**
 * Claude Code takes a server without a type for a program. With `alwaysLoad` its tools are in each request; without it
 * they are behind a search, and may be missing from the first request. It waits 30 s for such a server (2.1.328).
 */
const asClaudeServer = ([name, { command, args, env, url, headers }]: readonly [string, McpServer]) =>
  [
    name,
    { ...(url === undefined ? { command, args, env } : { type: "http", url, headers }), alwaysLoad: true },
  ] as const;
