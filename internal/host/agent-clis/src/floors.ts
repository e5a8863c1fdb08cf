import type { Provider } from "@trust/preflight";

/**
 * The oldest supported version of a provider's CLI. The runner has the same constants; `tools/repo-tests/providers.test.ts`
 * compares them.
 */
export const floors: Readonly<Partial<Record<Provider, string>>> = { claude: "2.1.275" };

/** The providers whose CLI the runner can try. The same test compares them with the runner's trials. */
export const tried: readonly Provider[] = [
  "claude",
  "codex",
  "opencode",
  "qwen",
  "kimi",
  "copilot",
  "gemini",
];
