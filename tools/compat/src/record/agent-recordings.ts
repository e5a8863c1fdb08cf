import { dirname } from "node:path";
import type { Box } from "../box/box.ts";
import { apiKey } from "./agents.ts";
import { project, type Recording } from "./recordings.ts";

const trust = { trust: "accept" } as const;
const geminiKey = { GEMINI_API_KEY: apiKey } as const;
/** A provider on a port without a server, so nothing is ever sent to it. */
const qwenProvider = {
  OPENAI_API_KEY: apiKey,
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  OPENAI_MODEL: "demo",
} as const;
const kimiModel = {
  KIMI_MODEL_NAME: "demo",
  KIMI_MODEL_API_KEY: apiKey,
  KIMI_MODEL_BASE_URL: "http://127.0.0.1:9/v1",
} as const;
/** Any provider's key makes a model available. */
const piKey = { OPENAI_API_KEY: apiKey } as const;
const piSettings = (box: Box) => box.write(`${project}/.pi/settings.json`, { theme: "dark" });
const repository = (box: Box) => box.repository(project);
const trustLevel = (level: string) => (box: Box) =>
  box.write(
    ".codex/config.toml",
    `[projects.${JSON.stringify(box.path(project))}]\ntrust_level = "${level}"\n`,
  );
const updateKnown = (box: Box) =>
  box.write(".codex/version.json", {
    latest_version: "99.0.0",
    last_checked_at: new Date().toISOString(),
    dismissed_version: null,
  });

/** The recordings of the CLIs other than Claude Code. */
export const agentRecordings: readonly Recording[] = [
  {
    provider: "codex",
    name: "trust-git",
    why: "A repository: trust, answered yes, and what follows it.",
    arrange: repository,
    consents: { ...trust, "model-migration": "keep" },
  },
  {
    provider: "codex",
    name: "trust-unanswered",
    why: "A repository, nothing answered: the trust dialog as it stands.",
    arrange: repository,
    consents: {},
  },
  {
    provider: "codex",
    name: "trust-sub-folder",
    why: "A sub-folder of a repository: trust, answered yes. The dialog names the root that it applies to.",
    from: "0.101.0",
    arrange: (box) => box.repository(dirname(project)),
    consents: { ...trust, "model-migration": "keep" },
  },
  {
    provider: "codex",
    name: "trust-plain",
    why: "A folder without a repository: trust, answered yes, where it is asked for.",
    consents: { ...trust, "model-migration": "keep" },
  },
  {
    provider: "codex",
    name: "update",
    why: "A newer version is known: skipped, then trust in a repository.",
    arrange: (box) => {
      repository(box);
      updateKnown(box);
    },
    consents: { ...trust, update: "skip", "model-migration": "keep" },
  },
  {
    provider: "codex",
    name: "migration-unanswered",
    why: "Trust, answered yes, and the question for a newer model, unanswered.",
    arrange: repository,
    consents: trust,
    from: "0.101.0",
    until: "0.101.0",
  },
  {
    provider: "codex",
    name: "sign-in",
    why: "No account and no key: the sign-in picker.",
    fresh: true,
    arrange: repository,
    consents: trust,
  },
  {
    provider: "codex",
    name: "ready",
    why: "A repository that is trusted already: the composer, nothing asked.",
    arrange: (box) => {
      repository(box);
      trustLevel("trusted")(box);
    },
    consents: { "model-migration": "keep" },
  },
  {
    provider: "codex",
    name: "untrusted",
    why: "A repository that the user's config.toml calls untrusted.",
    arrange: (box) => {
      repository(box);
      trustLevel("untrusted")(box);
    },
    consents: { ...trust, "model-migration": "keep" },
  },
  {
    provider: "codex",
    name: "hooks",
    why: "A repository with a hook of its own: what is asked beside trust.",
    arrange: (box) => {
      box.write(`${project}/.codex/hooks.json`, {
        hooks: { SessionStart: [{ hooks: [{ type: "command", command: "true" }] }] },
      });
      repository(box);
    },
    consents: { ...trust, "model-migration": "keep" },
  },
  {
    provider: "gemini",
    name: "trust",
    why: "A plain folder: trust, answered yes, the start anew, then the composer.",
    env: geminiKey,
    consents: trust,
  },
  {
    provider: "gemini",
    name: "trust-unanswered",
    why: "A plain folder, nothing answered: the trust dialog as it stands.",
    env: geminiKey,
    consents: {},
  },
  {
    provider: "gemini",
    name: "sign-in",
    why: "A HOME in which the CLI never ran: trust, answered yes, then the choice of an account.",
    fresh: true,
    consents: trust,
  },
  {
    provider: "gemini",
    name: "ready",
    why: "Trust given by the environment: the composer, nothing asked.",
    env: { ...geminiKey, GEMINI_CLI_TRUST_WORKSPACE: "true" },
    consents: {},
  },
  {
    provider: "gemini",
    name: "true-colour",
    why: "The same in a terminal that says it has all colours.",
    env: { ...geminiKey, GEMINI_CLI_TRUST_WORKSPACE: "true", COLORTERM: "truecolor" },
    consents: {},
  },
  {
    provider: "copilot",
    name: "trust",
    why: "A plain folder: trust, answered so that it is remembered, then the wish for a login.",
    consents: trust,
  },
  {
    provider: "copilot",
    name: "trust-unanswered",
    why: "A plain folder, nothing answered: the trust dialog as it stands.",
    consents: {},
  },
  {
    provider: "copilot",
    name: "trusted",
    why: "A folder that is trusted already: no dialog, and the wish for a login.",
    arrange: (box) => box.write(".copilot/config.json", { trustedFolders: [box.path(project)] }),
    consents: {},
  },
  {
    provider: "qwen",
    name: "trust",
    why: "A plain folder: trust, answered yes, the start anew, then the composer.",
    env: qwenProvider,
    consents: trust,
  },
  {
    provider: "qwen",
    name: "trust-unanswered",
    why: "A plain folder, nothing answered: the trust dialog as it stands.",
    env: qwenProvider,
    consents: {},
  },
  {
    provider: "qwen",
    name: "provider",
    why: "A HOME in which the CLI never ran: the choice of a provider. Trust is not asked for.",
    fresh: true,
    consents: trust,
  },
  {
    provider: "kimi",
    name: "trust",
    why: "A plain folder: trust, answered yes, then the composer.",
    env: kimiModel,
    consents: trust,
  },
  {
    provider: "kimi",
    name: "trust-unanswered",
    why: "A plain folder, nothing answered: the trust dialog as it stands.",
    env: kimiModel,
    consents: {},
  },
  {
    provider: "kimi",
    name: "mcp",
    why: "The project brings an MCP server: the trust dialog that lists it, answered yes.",
    arrange: (box) =>
      box.write(`${project}/.mcp.json`, { mcpServers: { demo: { command: "true", args: [] } } }),
    env: kimiModel,
    consents: trust,
  },
  {
    provider: "kimi",
    name: "sign-in",
    why: "No model and no account: trust, answered yes, then the wish for a login.",
    consents: trust,
  },
  {
    provider: "pi",
    name: "trust",
    why: "A folder with settings of its own: trust, answered yes, then the composer.",
    from: "0.79.0",
    arrange: piSettings,
    env: piKey,
    consents: trust,
  },
  {
    provider: "pi",
    name: "trust-unanswered",
    why: "A folder with settings of its own, nothing answered: the trust dialog as it stands.",
    from: "0.79.0",
    arrange: piSettings,
    env: piKey,
    consents: {},
  },
  {
    provider: "pi",
    name: "never-asked",
    why: "A folder with settings of its own, before pi asked: the composer.",
    until: "0.78.1",
    arrange: piSettings,
    env: piKey,
    consents: {},
  },
  {
    provider: "pi",
    name: "ready",
    why: "A plain folder: the composer, nothing asked.",
    env: piKey,
    consents: {},
  },
  {
    provider: "pi",
    name: "sign-in",
    why: "No model and no account: the wish for a login.",
    consents: {},
  },
];
