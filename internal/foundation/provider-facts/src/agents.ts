import type { AgentFacts, Vendor } from "./agent-facts.ts";
import type { CliFacts } from "./cli-facts.ts";
import { claudeAgent, claudeCli } from "./providers/claude.ts";
import { codexAgent, codexCli } from "./providers/codex.ts";
import { copilotAgent, copilotCli } from "./providers/copilot.ts";
import { geminiAgent, geminiCli } from "./providers/gemini.ts";
import { kimiAgent, kimiCli } from "./providers/kimi.ts";
import { opencodeAgent, opencodeCli } from "./providers/opencode.ts";
import { qwenAgent, qwenCli } from "./providers/qwen.ts";

export type { ProviderField, Vendor } from "./agent-facts.ts";
export { claudeFloor } from "./providers/claude.ts";
export { codexFloor } from "./providers/codex.ts";

/** A provider that the agent runner can start. */
export type RunnableProvider = Omit<AgentFacts, "vendor"> & {
  /** The vendor whose key the host needs; null if the provider uses no model, or the operator says which. */
  readonly vendor: Vendor | null;
  /** The sentence that `gatehouse init` shows beside the provider's name. */
  readonly hint: string;
};

const vendorNames: Readonly<Record<Vendor, string>> = {
  anthropic: "Anthropic",
  openai: "OpenAI",
  google: "Google",
};

/** A CLI as an agent, with the sentence for `gatehouse init`. */
const cliAgent = ({ title, file }: CliFacts, agent: AgentFacts): RunnableProvider => {
  const needs =
    agent.fetchedMegabytes === null
      ? `needs ${file} on the PATH of gatehouse up, and a key.`
      : "needs a key. init can fetch it.";
  return { ...agent, hint: `${title}, with models of ${vendorNames[agent.vendor]}; ${needs}` };
};

/** A CLI with which the runner speaks ACP: it is asked the same message again, since ACP does not tell how far a turn came. */
const acpAgent = (cli: CliFacts, agent: AgentFacts): RunnableProvider =>
  cliAgent(cli, { ...agent, notes: [...agent.notes, askedAgain(cli.file)] });

const askedAgain = (name: string): string =>
  `After a kill, ${name} is asked the same message again, and may use its tools again ("at least once").`;

/** The providers with which the runner speaks the Agent Client Protocol. */
const byAcp: Readonly<Record<AcpName, RunnableProvider>> = {
  opencode: acpAgent(opencodeCli, opencodeAgent),
  qwen: acpAgent(qwenCli, qwenAgent),
  kimi: acpAgent(kimiCli, kimiAgent),
  copilot: acpAgent(copilotCli, copilotAgent),
  gemini: acpAgent(geminiCli, geminiAgent),
};

export type AcpName = "opencode" | "qwen" | "kimi" | "copilot" | "gemini";

export const acpNames: readonly AcpName[] = Object.keys(byAcp) as AcpName[];

/** The providers that the agent runner can start, the default of `gatehouse init` first. */
export const runnableProviders: Readonly<Record<RunnableName, RunnableProvider>> = {
  echo: {
    applies: [],
    vendor: null,
    oldest: null,
    fetchedMegabytes: null,
    notes: [],
    hint: "repeats your words, to try the host.",
  },
  claude: cliAgent(claudeCli, claudeAgent),
  codex: cliAgent(codexCli, codexAgent),
  ...byAcp,
};

/** The name of a provider that the agent runner can start. */
type RunnableName = "echo" | "claude" | "codex" | AcpName;

/** Any provider that the operator has added (`own:NAME`): its row is in the data folder. */
const ownProvider: RunnableProvider = {
  applies: ["model", "mcp_servers"],
  vendor: null,
  oldest: null,
  fetchedMegabytes: null,
  notes: [
    "A provider of this host's operator: gatehouse providers list shows its row. A person is asked about each of its tools that it asks for.",
    askedAgain("it"),
  ],
  hint: "",
};

/** The row of a provider; null if there is no runner for it. */
export const runnableProvider = (name: string): RunnableProvider | null =>
  name.startsWith("own:") ? ownProvider : isRunnable(name) ? runnableProviders[name] : null;

const isRunnable = (name: string): name is RunnableName => Object.hasOwn(runnableProviders, name);
