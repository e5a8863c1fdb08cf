import type { RulePack } from "@trust/dialog-engine";
import {
  claudePack,
  codexPack,
  copilotPack,
  geminiPack,
  kimiPack,
  piPack,
  qwenPack,
} from "@trust/dialog-engine/packs";
import { setUpProfile, type Box } from "../box/box.ts";
import type { Provider } from "@gatehouse/provider-facts";
import { compareVersions } from "../clis/version.ts";

/** The facts needed to start a CLI that asks for trust. */
export type Agent = {
  readonly pack: RulePack;
  /** Writes the profile of a person who has set up the CLI, as far as possible without an account. */
  readonly setUp: (box: Box) => void;
  /** The arguments without which the CLI starts further programs. */
  readonly args?: (version: string) => readonly string[];
};

/** Not a real key: it has the right form, and no part of it occurs anywhere else. */
export const apiKey = "sk-test-1234567890";

/** OpenCode asks for no trust. */
export type AgentName = Exclude<Provider, "opencode">;

export const agents: { readonly [A in AgentName]: Agent } = {
  claude: { pack: claudePack, setUp: (box) => box.write(".claude.json", setUpProfile()) },
  codex: {
    pack: codexPack,
    setUp: (box) =>
      box.write(".codex/auth.json", { OPENAI_API_KEY: apiKey, tokens: null, last_refresh: null }),
    // Without it 0.157 and later leave two daemons behind; 0.155.1 does not know it.
    args: (version) => (compareVersions(version, "0.157.0") >= 0 ? ["--no-daemon"] : []),
  },
  gemini: {
    pack: geminiPack,
    setUp: (box) =>
      box.write(".gemini/settings.json", { security: { auth: { selectedType: "gemini-api-key" } } }),
  },
  copilot: { pack: copilotPack, setUp: () => undefined },
  qwen: {
    pack: qwenPack,
    setUp: (box) =>
      box.write(".qwen/settings.json", {
        security: { auth: { selectedType: "openai" }, folderTrust: { enabled: true } },
      }),
  },
  kimi: { pack: kimiPack, setUp: () => undefined },
  // Without the argument pi fetches two programs from GitHub when it starts.
  pi: { pack: piPack, setUp: () => undefined, args: () => ["--offline"] },
};
