/** A field that the provider applies, instead of the host or the runtime. */
export type ProviderField = "model" | "effort" | "mcp_servers";

/** A provider that the agent runner can start. */
export type RunnableProvider = {
  /** The fields of a configuration that the provider applies, apart from `provider`. */
  readonly applies: readonly ProviderField[];
  /** The vendor whose key the host needs; null if the provider uses no model. */
  readonly vendor: "anthropic" | "openai" | "google" | null;
  /** Sentences for a person about behaviour that no field shows. */
  readonly notes: readonly string[];
  /** The sentence that `gatehouse init` shows beside the provider's name. */
  readonly hint: string;
};

/**
 * The providers that the agent runner can start, the default of `gatehouse init` first. To add a provider, add a row.
 * This file imports no other, so that the help of `init` loads fast.
 */
export const runnableProviders: Readonly<Record<string, RunnableProvider>> = {
  echo: { applies: [], vendor: null, notes: [], hint: "repeats your words, to try the host." },
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
      "Codex asks before every command. An allowed command runs in Codex's own sandbox, where it can read everything and write only in the group's folder. If the sandbox denies the command something, Codex runs it again without the sandbox. On a machine without user namespaces, such as many containers, a command always runs with all rights of the agent's account.",
    ],
    hint: "Codex of OpenAI; needs codex on the PATH of gatehouse up, and a key.",
  },
  opencode: {
    applies: ["model", "mcp_servers"],
    vendor: "anthropic",
    notes: [
      'After a kill, opencode is asked the same message again, and may use its tools again ("at least once").',
    ],
    hint: "OpenCode, with models of Anthropic; needs opencode on the PATH of gatehouse up, and a key.",
  },
  qwen: {
    applies: ["model"],
    vendor: "anthropic",
    notes: [
      "Qwen Code needs the name of a model: without one it asks for coder-model, which Anthropic does not know.",
      "Qwen Code gets no MCP servers, and not the tools of the host: it sends no messages and files while it works.",
      'After a kill, qwen is asked the same message again, and may use its tools again ("at least once").',
    ],
    hint: "Qwen Code, with models of Anthropic; needs qwen on the PATH of gatehouse up, and a key.",
  },
  kimi: {
    applies: ["model", "mcp_servers"],
    vendor: "anthropic",
    notes: [
      "Kimi Code needs the name of a model: without one it asks for kimi-for-coding, which Anthropic does not know.",
      'After a kill, kimi is asked the same message again, and may use its tools again ("at least once").',
    ],
    hint: "Kimi Code, with models of Anthropic; needs kimi on the PATH of gatehouse up, and a key.",
  },
  copilot: {
    applies: ["model", "mcp_servers"],
    vendor: "anthropic",
    notes: [
      "Copilot asks for claude-sonnet-4-6 without the name of a model.",
      "Copilot gets only MCP servers with an address, and not the tools of the host: it sends no messages and files while it works.",
      'After a kill, copilot is asked the same message again, and may use its tools again ("at least once").',
    ],
    hint: "GitHub Copilot CLI, with models of Anthropic; needs copilot on the PATH of gatehouse up, and a key.",
  },
  gemini: {
    applies: ["model", "mcp_servers"],
    vendor: "google",
    notes: [
      "Without the name of a model, Gemini CLI uses gemini-2.5-pro.",
      'After a kill, gemini is asked the same message again, and may use its tools again ("at least once").',
    ],
    hint: "Gemini CLI, with models of Google; needs gemini on the PATH of gatehouse up, and a key.",
  },
};

/** Any provider that the operator has added (`own:NAME`): its row is in the data folder. */
const ownProvider: RunnableProvider = {
  applies: ["model", "mcp_servers"],
  vendor: null,
  notes: [
    "A provider of this host's operator: gatehouse providers list shows its row. A person is asked about each of its tools that it asks for.",
    'After a kill, it is asked the same message again, and may use its tools again ("at least once").',
  ],
  hint: "",
};

/** The row of a provider; null if there is no runner for it. */
export const runnableProvider = (name: string): RunnableProvider | null =>
  name.startsWith("own:")
    ? ownProvider
    : Object.hasOwn(runnableProviders, name)
      ? (runnableProviders[name] ?? null)
      : null;
