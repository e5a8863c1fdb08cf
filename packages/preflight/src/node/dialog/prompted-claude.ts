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
import { protectedArgs } from "../../providers/protected-command.ts";
import type { PromptedCli } from "./prompted-cli.ts";
import { withEmptyMcpFile } from "./empty-mcp-file.ts";
import type { ConfirmContext } from "../plan/strategy.ts";

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
