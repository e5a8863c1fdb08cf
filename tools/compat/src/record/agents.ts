import type { RulePack } from "@trust/dialog-engine";
import { codexPack, copilotPack, geminiPack, kimiPack, piPack, qwenPack } from "@trust/dialog-engine/packs";
import type { Box } from "../box/box.ts";
import { compareVersions } from "../clis/version.ts";

/** The facts needed to record the start-up of a CLI other than Claude Code. */
export type Agent = {
  readonly pack: RulePack;
  /** Its npm package. The bin has the provider's name. */
  readonly packageName: string;
  /** The fixed place of its recordings. A second recorder at the same time finds it in use, and stops. */
  readonly root: string;
  /** Writes the profile of a person who has set up the CLI, as far as possible without an account. */
  readonly setUp: (box: Box) => void;
  readonly args?: (version: string) => readonly string[];
};

/** Not a real key: it has the right form, and no part of it occurs anywhere else. */
export const apiKey = "sk-test-1234567890";

export type AgentName = "codex" | "gemini" | "copilot" | "qwen" | "kimi" | "pi";

export const agents: { readonly [A in AgentName]: Agent } = {
  codex: {
    pack: codexPack,
    packageName: "@openai/codex",
    // It refuses a home below the system's folder for temporary files.
    root: "/opt/h",
    setUp: (box) =>
      box.write(".codex/auth.json", { OPENAI_API_KEY: apiKey, tokens: null, last_refresh: null }),
    // Without it 0.157 and later leave two daemons behind; 0.155.1 does not know it.
    args: (version) => (compareVersions(version, "0.157.0") >= 0 ? ["--no-daemon"] : []),
  },
  gemini: {
    pack: geminiPack,
    packageName: "@google/gemini-cli",
    root: "/tmp/h",
    setUp: (box) =>
      box.write(".gemini/settings.json", { security: { auth: { selectedType: "gemini-api-key" } } }),
  },
  copilot: { pack: copilotPack, packageName: "@github/copilot", root: "/tmp/h", setUp: () => undefined },
  qwen: {
    pack: qwenPack,
    packageName: "@qwen-code/qwen-code",
    root: "/tmp/h",
    setUp: (box) =>
      box.write(".qwen/settings.json", {
        security: { auth: { selectedType: "openai" }, folderTrust: { enabled: true } },
      }),
  },
  kimi: { pack: kimiPack, packageName: "@moonshot-ai/kimi-code", root: "/tmp/h", setUp: () => undefined },
  pi: {
    pack: piPack,
    packageName: "@earendil-works/pi-coding-agent",
    root: "/tmp/h",
    setUp: () => undefined,
    // Else it fetches two programs from GitHub when it starts.
    args: () => ["--offline"],
  },
};
