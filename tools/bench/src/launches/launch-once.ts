import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "@gatehouse/std";
import type { LaunchFlags, Team } from "@trust/team-launch";
import { launch } from "@trust/team-launch/node";
import { scriptedAgents } from "@trust/team-launch/testing";
import type { Figure } from "../measurement.ts";

export type TimedLaunch = {
  readonly team: Team;
  readonly flags: LaunchFlags;
  readonly env: Readonly<Record<string, string>>;
  /** Claude Code's executable. */
  readonly claude: string;
};

/**
 * A first launch in a new data folder, whose agents are ready at once and cost nothing, so that only the
 * launch is timed. It counts if all agents were started.
 */
export const timeLaunch = async ({ team, flags, env, claude }: TimedLaunch): Promise<Figure> => {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-launch-"));
  const agents = scriptedAgents();
  const setting = { signal: new AbortController().signal, redact: (text: string) => text };
  const startedAt = performance.now();
  const end = await launch({ team, flags, env, dataDir, cli: { claude } }, agents.port(), setting);
  const value = performance.now() - startedAt;
  await rm(dataDir, { recursive: true, force: true });
  const done = failureOf(end);
  return done.ok ? { ok: true, value } : done;
};

const failureOf = (end: Awaited<ReturnType<typeof launch>>): Result<null, string> => {
  if (!end.ok) return { ok: false, error: end.error.message };
  const { ok, launch: at, error } = end.value;
  return ok ? { ok: true, value: null } : { ok: false, error: error?.message ?? `the launch is ${at.state}` };
};
