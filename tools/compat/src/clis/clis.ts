import type { Provider } from "@gatehouse/provider-facts";

/** How a CLI is installed from npm for tests. */
export type CliPackage = {
  /** The versions that are tried, oldest first. A check for some of them only has `triedOn`. */
  readonly versions: readonly string[];
  /** Approximate size of one version on disk. */
  readonly megabytes: number;
  /** The package's script that must run before the CLI starts, if it has one. No other script is run. */
  readonly script?: string;
  /** The version of Node that is installed with it, if it needs a newer one than ours. */
  readonly node?: string;
};

/** One row per provider. The package's bin has the provider's name. */
export const clis: { readonly [P in Provider]: CliPackage } = {
  claude: {
    // The versions around each change of its dialogs and its state.
    versions: ["2.1.113", "2.1.197", "2.1.247", "2.1.248", "2.1.328", "2.1.332"],
    megabytes: 370,
    // 2.1.113 and later: the script installs the native binary.
    script: "install.cjs",
  },
  codex: {
    // All wordings of its trust dialog, on both sides of --no-daemon (0.157.1) and of plain folders
    // (0.161.0).
    versions: ["0.63.0", "0.101.0", "0.125.0", "0.155.1", "0.169.0", "0.171.0"],
    megabytes: 400,
  },
  gemini: { versions: ["0.61.0"], megabytes: 100 },
  // It unpacks another copy of this size into each HOME in which it is started.
  copilot: { versions: ["1.0.102"], megabytes: 420 },
  // 0.15.10 is the last for Node 20; 0.24.4 protects its state from other writers.
  qwen: {
    versions: ["0.15.10", "0.24.4"],
    megabytes: 330,
    node: "22.23.3",
  },
  kimi: { versions: ["2.1.0"], megabytes: 300, node: "22.23.3" },
  // Versions before and after its trust dialog, with both wordings. npm lacked dependencies of 0.99.1 and
  // later.
  pi: {
    versions: ["0.78.1", "0.79.0", "0.87.1"],
    megabytes: 270,
    node: "22.23.3",
  },
  // It asks for no trust; it is tried as an agent alone. The script puts the binary in its place.
  opencode: { versions: ["1.18.33"], megabytes: 550, script: "postinstall.mjs" },
};

/** The CLI of a run without --cli. */
export const defaultTarget = { type: "version", provider: "claude", version: "2.1.332" } as const;
