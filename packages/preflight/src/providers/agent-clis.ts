import type { Provider } from "../request.ts";

/** Facts about a provider's program that are needed before it is started. */
export type AgentCli = {
  readonly provider: Provider;
  /** Its name in messages. */
  readonly title: string;
  /** The file's name on PATH. */
  readonly file: string;
  readonly npmPackage: string;
  /** The package's name before it moved. No version under that name is tested. */
  readonly formerPackage?: string;
  /** The version to suggest if none is installed. */
  readonly npmVersion: string;
  /**
   * "recorded": it records the answer to its dialog; "on-request": the same, but only with `persist`; "at-launch": each
   * launch passes trust; "never-asked": it never asks.
   */
  readonly trust: "recorded" | "on-request" | "at-launch" | "never-asked";
  /** The oldest version that can be prepared, and the reason; null if every tested version can. */
  readonly oldest: { readonly version: string; readonly why: string } | null;
  /** First and last tested version. */
  readonly proven: { readonly from: string; readonly to: string };
};

export const agentClis: { readonly [P in Provider]: AgentCli } = {
  claude: {
    provider: "claude",
    title: "Claude Code",
    file: "claude",
    npmPackage: "@anthropic-ai/claude-code",
    npmVersion: "2.1.332",
    trust: "recorded",
    oldest: { version: "2.1.81", why: "it does not know --bare, which keeps the folder's own settings out" },
    proven: { from: "2.1.113", to: "2.1.332" },
  },
  codex: {
    provider: "codex",
    title: "Codex",
    file: "codex",
    npmPackage: "@openai/codex",
    npmVersion: "0.169.0",
    trust: "at-launch",
    oldest: null,
    proven: { from: "0.20.0", to: "0.171.0" },
  },
  gemini: {
    provider: "gemini",
    title: "Gemini CLI",
    file: "gemini",
    npmPackage: "@google/gemini-cli",
    npmVersion: "0.61.0",
    trust: "at-launch",
    oldest: { version: "0.39.1", why: "it cannot be told at launch" },
    proven: { from: "0.61.0", to: "0.61.0" },
  },
  copilot: {
    provider: "copilot",
    title: "Copilot CLI",
    file: "copilot",
    npmPackage: "@github/copilot",
    npmVersion: "1.0.102",
    trust: "on-request",
    oldest: null,
    proven: { from: "1.0.102", to: "1.0.102" },
  },
  qwen: {
    provider: "qwen",
    title: "Qwen Code",
    file: "qwen",
    npmPackage: "@qwen-code/qwen-code",
    npmVersion: "0.24.4",
    trust: "on-request",
    oldest: null,
    proven: { from: "0.15.10", to: "0.24.4" },
  },
  kimi: {
    provider: "kimi",
    title: "Kimi Code",
    file: "kimi",
    npmPackage: "@moonshot-ai/kimi-code",
    npmVersion: "2.1.0",
    trust: "on-request",
    oldest: null,
    proven: { from: "2.1.0", to: "2.1.0" },
  },
  opencode: {
    provider: "opencode",
    title: "opencode",
    file: "opencode",
    npmPackage: "opencode-ai",
    npmVersion: "1.18.33",
    trust: "never-asked",
    oldest: null,
    proven: { from: "1.18.33", to: "1.18.33" },
  },
  pi: {
    provider: "pi",
    title: "pi",
    file: "pi",
    npmPackage: "@earendil-works/pi-coding-agent",
    formerPackage: "@mariozechner/pi-coding-agent",
    npmVersion: "0.87.1",
    trust: "at-launch",
    oldest: null,
    proven: { from: "0.78.1", to: "1.5.2" },
  },
};

export const installCommand = ({ npmPackage, npmVersion }: AgentCli): string =>
  `npm install -g ${npmPackage}@${npmVersion}`;
