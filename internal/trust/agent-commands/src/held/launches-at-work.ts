import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";

/**
 * The running launches of teams. This package does not know them: a program that has launches passes this in.
 */
export type LaunchesAtWork = {
  /** The teams with a running launch, whether one of their agents runs or not. */
  readonly teams: (dataDir: string) => Promise<readonly string[]>;
  /**
   * Ends the launches of a team; resolves when no launch starts an agent any more. The text says how they
   * ended.
   */
  readonly stop: (dataDir: string, team: string, signal: AbortSignal) => Promise<Result<string, Failure>>;
};

/** The result of stopping a team's launch. */
export type StoppedTeam = {
  readonly ok: boolean;
  readonly team: string;
  readonly code?: string;
  readonly message: string;
  readonly fix?: string;
};

/** Ends the launches of these teams, all at once. */
export const stopLaunches = (
  { stop }: LaunchesAtWork,
  dataDir: string,
  teams: readonly string[],
  signal: AbortSignal,
): Promise<readonly StoppedTeam[]> =>
  Promise.all(
    teams.map(async (team): Promise<StoppedTeam> => {
      const stopped = await stop(dataDir, team, signal);
      return stopped.ok ? { ok: true, team, message: stopped.value } : { ok: false, team, ...stopped.error };
    }),
  );
