/** A CLI that is installed from npm to be tested. */
export type CliPackage = {
  readonly packageName: string;
  /** Oldest first: the versions on which every scenario must hold. */
  readonly versions: readonly string[];
  /** What one version takes on disk, about. */
  readonly megabytes: number;
  /** The package's script that must run before it starts, where it has one. No other script is run. */
  readonly script?: string;
  /** The version of Node that is installed beside it, where it wants a newer one than ours. */
  readonly node?: string;
};

export type Provider = "claude" | "codex" | "gemini" | "copilot" | "qwen" | "kimi";

/** One row a provider; its package's bin is named as the provider. */
export const clis: { readonly [P in Provider]: CliPackage } = {
  claude: {
    packageName: "@anthropic-ai/claude-code",
    // The borders of what it changed in its dialogs and its state.
    versions: ["2.1.113", "2.1.197", "2.1.247", "2.1.248", "2.1.328"],
    megabytes: 370,
    // 2.1.113 and later: it puts the native binary in place.
    script: "install.cjs",
  },
  codex: {
    packageName: "@openai/codex",
    // All wordings of its trust dialog, on both sides of --no-daemon (0.157.1) and of plain folders (0.161.0).
    versions: ["0.63.0", "0.101.0", "0.125.0", "0.155.1", "0.169.0"],
    megabytes: 400,
  },
  gemini: { packageName: "@google/gemini-cli", versions: ["0.61.0"], megabytes: 100 },
  // It unpacks as much again into each HOME that it is started in.
  copilot: { packageName: "@github/copilot", versions: ["1.0.102"], megabytes: 420 },
  // 0.15.10 is the last for Node 20; 0.24.4 guards its state against others that write it.
  qwen: {
    packageName: "@qwen-code/qwen-code",
    versions: ["0.15.10", "0.24.4"],
    megabytes: 330,
    node: "22.23.3",
  },
  kimi: { packageName: "@moonshot-ai/kimi-code", versions: ["2.1.0"], megabytes: 300, node: "22.23.3" },
};

export const providers: readonly Provider[] = Object.keys(clis) as Provider[];

/** What one run tests when no version is named. */
export const defaultTarget = { type: "version", provider: "claude", version: "2.1.328" } as const;
