import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { McpServer } from "../container-json.ts";
import { textIfThere } from "../files.ts";
import { serverName } from "../host-tools/tool-names.ts";

/** The folder that Claude Code has as CLAUDE_CONFIG_DIR: its settings, and one transcript for each session. */
export type ClaudeFolder = {
  readonly path: string;
  readonly mcpConfig: string;
};

/** The path of that folder in a workload's folder. */
export const claudePath = (folder: string): string => join(folder, "out", "claude");

/** The inputs of the folder. */
export type ClaudeFilesOptions = {
  /** The workload's folder. */
  readonly folder: string;
  /** The agent's working folder, with the group's instructions. */
  readonly cwd: string;
  readonly mcpServers: Readonly<Record<string, McpServer>>;
  /** The rules by which a person always allows tools in this group. */
  readonly rules: readonly string[];
  /** A command whose output is the token for the gateway, as Claude Code's `apiKeyHelper`. */
  readonly apiKeyHelper: string | null;
};

/**
 * Writes the files that Claude Code reads at its start. They are written anew each time: with
 * `--setting-sources user` it reads these settings, and an agent could have allowed itself tools in them.
 *
 * `-p` asks for no trust and runs the project's hooks and its `.mcp.json` (2.1.330), so the project's settings are
 * not read; CLAUDE.md and the skills come by this folder instead.
 */
export const writeClaudeFiles = async (options: ClaudeFilesOptions): Promise<ClaudeFolder> => {
  const { folder, cwd, mcpServers, rules, apiKeyHelper } = options;
  const path = claudePath(folder);
  await mkdir(path, { recursive: true, mode: 0o700 });
  // The transcripts and the plans stay. Everything else is an agent's to change: also a subagent there may allow itself tools.
  for (const name of await readdir(path))
    if (!kept.includes(name)) await rm(join(path, name), { recursive: true, force: true });
  const mcpConfig = join(path, "mcp.json");
  const instructions = (await textIfThere(join(cwd, "CLAUDE.md"))) ?? "";
  await Promise.all([
    write(join(path, "settings.json"), {
      ...(apiKeyHelper === null ? {} : { apiKeyHelper }),
      cleanupPeriodDays: 36_500,
      ...permissions(rules),
    }),
    write(mcpConfig, {
      mcpServers: {
        ...Object.fromEntries(Object.entries(mcpServers).map(asClaudeServer)),
        [serverName]: hostServer,
      },
    }),
    writeFile(join(path, "CLAUDE.md"), instructions, own),
    symlink(join(folder, "in", "skills"), join(path, "skills")),
  ]);
  return { path, mcpConfig };
};

/** The entries of the folder that the next process goes on with. */
const kept: readonly string[] = ["projects", "plans"];

/**
 * In plan mode Claude Code lets a classifier of its vendor decide about tools instead of a person. Each of the two
 * settings about auto mode prevents that (2.1.328).
 */
const permissions = (allow: readonly string[]): object => ({
  permissions: { allow, defaultMode: "default", disableAutoMode: "disable" },
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

/** A new file: `wx` follows no link. */
const own = { mode: 0o600, flag: "wx" } as const;

const write = (path: string, value: object): Promise<void> => writeFile(path, JSON.stringify(value), own);
