import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { trustKey } from "@trust/claude-state-probe";
import {
  probeTrust,
  readGrants,
  readTrustedKeys,
  stateFile,
  thisPlatform,
  watchTrust,
} from "@trust/claude-state-probe/node";
import { defaultLimits } from "@trust/dialog-engine";
import { claudePack } from "@trust/dialog-engine/packs";
import type { PromptedCli } from "./prompted-cli.ts";
import type { ConfirmContext } from "../plan/strategy.ts";
import type { Result } from "../../index.ts";
import { systemCode } from "@gatehouse/std";
import { withTempFolder } from "../temp-folder.ts";

/** Claude Code, started with arguments that make it only ask for trust. */
export const promptedClaude = ({ env, home, cli }: ConfirmContext): PromptedCli => {
  const cliVersion = cli.version ?? undefined;
  return {
    pack: claudePack,
    env,
    withArgs: (use) => withEmptyMcpFile((mcpFile) => use(protectedArgs(mcpFile))),
    file: stateFile(env, home),
    homeFile: stateFile({}, home),
    defaultTimeoutMs: defaultLimits.totalMs,
    keyOf: (paths) => trustKey(paths, cliVersion, thisPlatform),
    trustedKeys: async () => {
      const read = await readTrustedKeys({ env, home });
      return read.ok ? read : { ok: false, error: read.error.detail };
    },
    isTrusted: async (paths) => (await probeTrust({ paths, env, home, cliVersion })).state === "trusted",
    watchTrusted: (paths, onTrusted) =>
      watchTrust({ paths, env, home, cliVersion }, ({ state }) => {
        if (state === "trusted") onTrusted();
      }),
    grantsOf: readGrants,
    runsAlone: false,
    unasked: "not-asked-unproven",
  };
};

/** The empty MCP configuration; Claude rejects a bare `{}`. */
export const emptyMcpConfig = '{"mcpServers":{}}\n';

/**
 * Starts Claude so that it only asks for trust: no MCP servers, no project settings, no hooks, no tools, no memory. All
 * tested versions from 2.1.112 to 2.1.332 record trust with it. It uses none of a person's own flags, models or prompts.
 */
export const protectedArgs = (emptyMcpFile: string): readonly string[] => [
  "--bare",
  "--strict-mcp-config",
  "--mcp-config",
  emptyMcpFile,
  "--setting-sources",
  "user",
  "--settings",
  '{"disableAllHooks":true}',
  "--tools",
  "",
];

type TempError = { readonly detail: string };

/** Lends an empty MCP configuration (0600, in its own folder) while `use` runs. */
export const withEmptyMcpFile = async <T>(
  use: (file: string) => Promise<T>,
): Promise<Result<T, TempError>> => {
  const lent = await withTempFolder(async (folder): Promise<Result<T, TempError>> => {
    const file = join(folder, "mcp.json");
    const written = await write(file);
    return written.ok ? { ok: true, value: await use(file) } : written;
  });
  return lent.ok ? lent.value : lent;
};

const write = async (file: string): Promise<Result<null, TempError>> => {
  try {
    await writeFile(file, emptyMcpConfig, { mode: 0o600 });
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, error: { detail: `${systemCode(error)}: ${file}` } };
  }
};
