import type { RulePack } from "@trust/dialog-engine";
import { codexPack, copilotPack, geminiPack, kimiPack, qwenPack } from "@trust/dialog-engine/packs";
import type { Box } from "../box/box.ts";
import { compareVersions } from "../clis/version.ts";

/** A CLI other than Claude Code, as far as recording its start-up needs it. */
export type Agent = {
  readonly pack: RulePack;
  /** Its npm package, whose bin is named as the provider. */
  readonly packageName: string;
  /** The fixed place of its recordings. A second recorder at the same time finds it taken, and stops. */
  readonly root: string;
  /** What its profile holds once a person has set it up, as far as that goes without an account. */
  readonly setUp: (box: Box) => void;
  readonly args?: (version: string) => readonly string[];
};

/** Not a key: the right shape, and no part of it stands anywhere else. */
export const apiKey = "sk-test-1234567890";

export type AgentName = "codex" | "gemini" | "copilot" | "qwen" | "kimi";

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
};
