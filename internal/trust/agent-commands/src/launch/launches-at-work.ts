import type { LaunchesAtWork } from "../held/launches-at-work.ts";
import { ok } from "@gatehouse/std";
import type { StoppedLaunch } from "@trust/team-launch/node";

/**
 * Timeout of a stop, ms. A stopping launch ends a CLI and a start, and removes worktrees; each takes seconds
 * on a busy machine.
 */
const mostMs = 60_000;

/** The running launches of a data folder, for `gatehouse stop`. */
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
