import type { Environment, Provider } from "@gatehouse/std";
import type { AgentPort } from "../../lifecycle/launch-ports.ts";
import { claudeProbe } from "./claude-probe.ts";
import type { CliProbe } from "./cli-probe.ts";
import { codexProbe } from "./codex-probe.ts";

const probes: Readonly<Partial<Record<Provider, CliProbe>>> = { claude: claudeProbe, codex: codexProbe };

export type ProbeOptions = {
  readonly env: Environment;
  /** Each CLI's executable. A provider without one is not asked. */
  readonly cli: Readonly<Partial<Record<Provider, string>>>;
  /** Maximum time for an answer, milliseconds. Default: 10,000. Without an answer the result is null. */
  readonly timeoutMs?: number;
};

/**
 * `defaultModel` and `checkProvider` of an `AgentPort`, answered by Claude Code and Codex themselves. Each question
 * starts the CLI once, outside every project, and sends no request to its API. Null if the CLI gives no answer.
 */
export const providerProbes = ({
  env,
  cli,
  timeoutMs = 10_000,
}: ProbeOptions): Required<Pick<AgentPort, "defaultModel" | "checkProvider">> => {
  const asked = (provider: Provider) => {
    const [file, probe] = [cli[provider], probes[provider]];
    return file === undefined || probe === undefined ? null : { probe, cli: { file, env, timeoutMs } };
  };
  return {
    defaultModel: async ({ provider, args }) => {
      const found = asked(provider);
      return found === null ? null : found.probe.defaultModel(found.cli, args);
    },
    checkProvider: async ({ provider, args }) => {
      const found = asked(provider);
      return found === null ? null : found.probe.checkProvider(found.cli, args);
    },
  };
};
