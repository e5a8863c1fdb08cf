/** A field that the provider applies, not the host and not the runtime. */
export type ProviderField = "model" | "effort" | "mcp_servers";

/** A provider that the agent runner can start. */
export type RunnableProvider = {
  /** The fields of a configuration that it applies, apart from `provider`. */
  readonly applies: readonly ProviderField[];
  /** The vendor whose key the host needs for it; null if it asks no model. */
  readonly vendor: "anthropic" | "openai" | null;
  /** Sentences that a person should know, and that no field says. */
  readonly notes: readonly string[];
  /** The sentence that `gatehouse init` shows beside its name. */
  readonly hint: string;
};

/**
 * The providers that the agent runner can start, the default of `gatehouse init` first. To add a provider, add a row.
 * This file loads no other, because the help of `init` needs it before anything else is loaded.
 */
export const runnableProviders: Readonly<Record<string, RunnableProvider>> = {
  echo: { applies: [], vendor: null, notes: [], hint: "says your words back: to try the host." },
  claude: {
    applies: ["model", "effort", "mcp_servers"],
    vendor: "anthropic",
    notes: [],
    hint: "Claude Code, with a key of Anthropic.",
  },
  codex: {
    applies: ["model", "effort", "mcp_servers"],
    vendor: "openai",
    notes: [
      "Codex asks for every command. An allowed one runs in Codex's own sandbox, which lets it write only in the group's folder, and read everything; if the sandbox denies it something, Codex runs it again without, and on a machine without user namespaces, such as many containers, it always runs with all rights of the agent's account.",
    ],
    hint: "Codex of OpenAI; it has to be on the PATH of gatehouse up, and needs a key.",
  },
  opencode: {
    applies: ["model", "mcp_servers"],
    vendor: "anthropic",
    notes: [
      'After a kill, opencode is asked the same message again, and may use its tools again ("at least once").',
    ],
    hint: "OpenCode, with models of Anthropic; it has to be on that PATH too, and needs a key.",
  },
};

/** The row of a provider; null if there is no runner for it. */
export const runnableProvider = (name: string): RunnableProvider | null =>
  Object.hasOwn(runnableProviders, name) ? (runnableProviders[name] ?? null) : null;
