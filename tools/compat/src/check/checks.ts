import type { Check, Checks } from "./check-all.ts";
import type { RulePack } from "@trust/dialog-engine";
import { claudePack } from "@trust/dialog-engine/packs";
import { agentClis } from "../agents/agent-clis.ts";
import { copilotChecks } from "../agent-hosts/copilot-checks.ts";
import { codexDemo, firstRunChecks } from "../agent-hosts/first-run-checks.ts";
import { hostChecks } from "../agent-hosts/host-checks.ts";
import { keptApartChecks } from "../agent-hosts/kept-apart-check.ts";
import { geminiChecks } from "../agent-hosts/gemini-checks.ts";
import { kimiChecks } from "../agent-hosts/kimi-checks.ts";
import { opencodeChecks } from "../agent-hosts/opencode-checks.ts";
import { qwenChecks } from "../agent-hosts/qwen-checks.ts";
import { questionChecks } from "../agent-hosts/question-checks.ts";
import { claudeAsksChecks } from "../agents/claude-asks-check.ts";
import { providerChecks } from "../agents/provider-checks.ts";
import { codexSideDoorChecks } from "../agents/side-doors-check.ts";
import { sendChecks } from "../agent-hosts/send-checks.ts";
import { unaskedChecks } from "../agent-hosts/unasked-check.ts";
import { wallsChecks } from "../agent-hosts/walls-check.ts";
import { checkAdapter } from "./check-adapter.ts";
import { checkAnswered } from "./check-answered.ts";
import { checkLaunch } from "./check-launch.ts";
import { checkScenario } from "./check.ts";
import { clis } from "../clis/clis.ts";
import { compareVersions } from "../clis/version.ts";
import { craftedChecks } from "../crafted/check-crafted.ts";
import { agents, type Agent } from "../record/agents.ts";
import { claudeAdapterScenarios, codexAdapterScenarios, type AdapterScenario } from "../scenarios/adapter.ts";
import { scenarios as claudeScenarios } from "../scenarios/claude.ts";
import type { AnsweredScenario } from "../scenarios/answered-scenario.ts";
import { codexPersistScenarios } from "../scenarios/codex-persist.ts";
import { codexScenarios } from "../scenarios/codex.ts";
import { copilotScenarios } from "../scenarios/copilot.ts";
import { geminiPersistScenarios, geminiScenarios } from "../scenarios/gemini.ts";
import { kimiScenarios } from "../scenarios/kimi.ts";
import type { LaunchScenario } from "../scenarios/launch-scenario.ts";
import { piPersistScenarios, piScenarios } from "../scenarios/pi.ts";
import { qwenScenarios } from "../scenarios/qwen.ts";
import { runsOf } from "../scenarios/rungs.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { checkTeam } from "../teams/check-team.ts";
import { cancelledLaunch, mixedTeam, type TeamProvider, type TeamScenario } from "../teams/teams.ts";
import { onRecord, type OnRecordReader } from "../box/on-record.ts";

const triedOn = ({ isAboutFolder }: Scenario | LaunchScenario): Pick<Check, "triedOn"> =>
  isAboutFolder === true ? { triedOn: "ends" } : {};

const byRungs = (scenarios: readonly Scenario[]): readonly Check[] =>
  scenarios.flatMap((scenario) =>
    runsOf(scenario).map((run): Check => ({
      name: scenario.name,
      via: run.via,
      notOn: run.notOn,
      ...triedOn(scenario),
      run: (cli, signal) => checkScenario(cli, { scenario, run }, signal),
    })),
  );

const atLaunch = (agent: Agent, scenarios: readonly LaunchScenario[]): readonly Check[] =>
  scenarios.map((scenario) => ({
    name: scenario.name,
    ...triedOn(scenario),
    run: (cli, signal) => checkLaunch(cli, agent, scenario, signal),
  }));

const answered = (
  agent: Agent,
  read: OnRecordReader,
  scenarios: readonly AnsweredScenario[],
): readonly Check[] =>
  scenarios.map((scenario) => ({
    name: scenario.name,
    run: (cli, signal) => checkAnswered(cli, { agent, read, scenario }, signal),
  }));

const byAdapter = (pack: RulePack, scenarios: readonly AdapterScenario[]): readonly Check[] =>
  scenarios.map((scenario) => ({
    name: scenario.name,
    triedOn: "ends",
    run: (cli, signal) => checkAdapter(cli, { pack, scenario }, signal),
  }));

const newest = (provider: TeamProvider): string => clis[provider].versions.at(-1) ?? "";

/** Teams are launched on the newest version of the matrix, and on newer ones. */
const ofTeam = (provider: TeamProvider, scenario: TeamScenario): Check => ({
  name: scenario.name,
  notOn: (version) =>
    compareVersions(version, newest(provider)) < 0
      ? `Teams are launched on ${newest(provider)}, the newest ${provider}, alone.`
      : null,
  run: (cli, signal) => checkTeam(cli, scenario, signal),
});

/**
 * The checks of each provider. Claude Code records trust after a question, and so do Copilot, Qwen and Kimi
 * with --persist. Codex, Gemini and pi get it at launch, or record it with --persist.
 */
export const checks: Checks = {
  claude: [
    // The longest come first.
    ...craftedChecks,
    ...providerChecks(agentClis.claude),
    ...hostChecks(agentClis.claude),
    ...sendChecks,
    ...keptApartChecks,
    ...unaskedChecks,
    ...wallsChecks(agentClis.claude),
    ...claudeAsksChecks,
    ...firstRunChecks,
    ...questionChecks,
    ...byRungs(claudeScenarios),
    ...byAdapter(claudePack, claudeAdapterScenarios),
    ofTeam("claude", cancelledLaunch),
  ],
  codex: [
    ...providerChecks(agentClis.codex),
    ...codexSideDoorChecks,
    ...hostChecks(agentClis.codex),
    ...codexDemo,
    ...wallsChecks(agentClis.codex),
    ...atLaunch(agents.codex, codexScenarios),
    ...answered(agents.codex, onRecord.codex, codexPersistScenarios),
    ...byAdapter(agents.codex.pack, codexAdapterScenarios),
    ofTeam("codex", mixedTeam),
  ],
  gemini: [
    ...geminiChecks,
    ...atLaunch(agents.gemini, geminiScenarios),
    ...answered(agents.gemini, onRecord.gemini, geminiPersistScenarios),
  ],
  copilot: [...copilotChecks, ...answered(agents.copilot, onRecord.copilot, copilotScenarios)],
  qwen: [...qwenChecks, ...answered(agents.qwen, onRecord.qwen, qwenScenarios)],
  kimi: [...kimiChecks, ...answered(agents.kimi, onRecord.kimi, kimiScenarios)],
  pi: [...atLaunch(agents.pi, piScenarios), ...answered(agents.pi, onRecord.pi, piPersistScenarios)],
  opencode: opencodeChecks,
};
