import type { Provider } from "@trust/preflight";

/**
 * The providers of a host that are a CLI, and the oldest version with which an agent can be started. The runner has its
 * own constant for each; `tools/repo-tests/providers.test.ts` compares them.
 */
export const floors: Readonly<Partial<Record<Provider, string>>> = { claude: "2.1.275" };

/** The providers whose CLI the runner can try before it answers. The same test compares them with the runner's trials. */
export const tried: readonly Provider[] = ["claude", "codex", "opencode"];
