import { checkLaunch } from "./check-launch.ts";
import { checkScenario } from "./check.ts";
import type { InstalledCli } from "./cli-cache.ts";
import type { Provider } from "./clis.ts";
import { agents, type Agent } from "./record/agents.ts";
import { scenarios as claudeScenarios } from "./scenarios/claude.ts";
import { codexScenarios } from "./scenarios/codex.ts";
import { geminiScenarios } from "./scenarios/gemini.ts";
import type { LaunchScenario } from "./scenarios/launch-scenario.ts";

/** A scenario that is ready to be run. Every problem is a sentence; none means it passed. */
export type Check = {
  readonly name: string;
  readonly run: (cli: InstalledCli, signal: AbortSignal) => Promise<string[]>;
};

export type Checks = { readonly [P in Provider]: readonly Check[] };

const atLaunch = (agent: Agent, scenarios: readonly LaunchScenario[]): readonly Check[] =>
  scenarios.map((scenario) => ({
    name: scenario.name,
    run: (cli, signal) => checkLaunch(cli, agent, scenario, signal),
  }));

/** What is checked of each provider. Claude Code writes trust down and is asked for it; the others are told at launch. */
export const checks: Checks = {
  claude: claudeScenarios.map((scenario) => ({
    name: scenario.name,
    run: (cli, signal) => checkScenario(cli, scenario, signal),
  })),
  codex: atLaunch(agents.codex, codexScenarios),
  gemini: atLaunch(agents.gemini, geminiScenarios),
};
