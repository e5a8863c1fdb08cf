import type { LaunchesAtWork } from "@gatehouse/held-agents/commands";
import { ok } from "@gatehouse/std";
import type { StoppedLaunch } from "@trust/team-launch/node";

/** A launch that is stopped ends a CLI, a start, and takes back worktrees: a busy machine takes seconds for each. */
const mostMs = 60_000;

/** The launches of a data folder that are at work, for `gatehouse stop`. */
export const launchesAtWork: LaunchesAtWork = {
  teams: async (dataDir) => (await import("@trust/team-launch/node")).launchingTeams(dataDir),
  stop: async (dataDir, team, signal) => {
    const { stopLaunch } = await import("@trust/team-launch/node");
    const stopped = await stopLaunch(dataDir, team, { timeoutMs: mostMs, signal });
    return stopped.ok ? ok(textOf(stopped.value)) : stopped;
  },
};

const textOf = ({ launch, state }: StoppedLaunch): string => {
  if (launch === null || state === null) return "stopped before it began";
  return state === "cancelled" ? `stopped (${launch})` : `had ended as ${state} (${launch})`;
};
