import { randomBytes } from "node:crypto";
import { argsOfPlan, execute, planArgsOnly } from "@trust/preflight/node";
import { folderContext } from "@trust/codex-overrides/node";
import { homeOf, pause } from "@gatehouse/fs-kit";
import { fail, systemCode, type Result } from "@gatehouse/std";
import { explainLaunch, type LaunchExplanation } from "../lifecycle/explain-launch.ts";
import type { AgentPort, LaunchPorts, StopPort } from "../lifecycle/launch-ports.ts";
import type { LaunchError, LaunchReport } from "../lifecycle/launch-run.ts";
import { launchTeam, type LaunchSetting } from "../lifecycle/launch-team.ts";
import type { LaunchRequest } from "../stages/launch-facts.ts";
import { trustPolicy } from "../trust-policy.ts";
import { lookAndPlan } from "./folder-port.ts";
import { launchStore } from "./store/launch-store.ts";
import { watchStops } from "./store/watch-stops.ts";
import { gitWorktrees } from "./worktrees/git-worktrees.ts";

/**
 * Launches a team with preflight, git and the files of the data folder. The caller only says how to start an agent. A
 * full disk or missing rights end the launch with an error; the next launch of the team then undoes its changes.
 */
export const launch = async (
  request: LaunchRequest,
  agents: AgentPort,
  setting: LaunchSetting,
): Promise<Result<LaunchReport, LaunchError>> => {
  const stops = await watchStops(request.dataDir, request.team.name, setting.signal);
  try {
    const ports = { ...realPorts(request), agents, stops };
    return await launchTeam(request, ports, { ...setting, signal: stops.signal });
  } catch (error) {
    const code = systemCode(error);
    const message = `The data folder ${request.dataDir} cannot be written: ${code}.`;
    return fail({
      code: "data-folder-unusable",
      message,
      fix: "make room there, or name another folder with `dataDir`",
    });
  } finally {
    stops.end();
  }
};

/** Describes what a launch would do. Writes nothing; of the agent port it calls only `findCli`. */
export const explainTeam = (
  request: LaunchRequest,
  setting: LaunchSetting,
  agents: Pick<AgentPort, "findCli"> = {},
): Promise<LaunchExplanation> =>
  explainLaunch(
    request,
    { ...realPorts(request), agents: { ...agents, ...noAgents }, stops: noStops },
    setting,
  );

/** An explanation cannot be stopped. */
const noStops: StopPort = { look: async () => {}, isAsked: () => false };

const noAgents: AgentPort = {
  list: async () => [],
  start: async () => fail({ code: "not-started", message: "Explaining starts nothing." }),
};

const realPorts = ({ dataDir, env, flags }: LaunchRequest): Omit<LaunchPorts, "agents" | "stops"> => {
  const { folders, planFull } = lookAndPlan(homeOf(env));
  return {
    trust: { context: () => folderContext(homeOf(env)), planArgsOnly, argsOfPlan, planFull, execute },
    folders,
    store: launchStore(dataDir, trustPolicy(flags).locks),
    worktrees: gitWorktrees(dataDir, env),
    clock: { now: Date.now, pause, nonce: () => randomBytes(2).toString("hex") },
  };
};
