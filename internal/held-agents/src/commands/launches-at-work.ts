import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";

/** The launches of teams, of which this package knows nothing: a program that has them says how they are ended. */
export type LaunchesAtWork = {
  /** The teams that a launcher works on now, whether an agent of theirs runs or not. */
  readonly teams: (dataDir: string) => Promise<readonly string[]>;
  /** Ends the launches of a team; resolves when none starts an agent any more. The text says what became of it. */
  readonly stop: (dataDir: string, team: string, signal: AbortSignal) => Promise<Result<string, Failure>>;
};

/** What became of a team's launch that was stopped. */
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
