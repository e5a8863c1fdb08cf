import type { Box } from "../box/box.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import type { Agent } from "../record/agents.ts";
import type { ExpectedStarts } from "../scenarios/launch-scenario.ts";
import type { RunOptions } from "../start/preflight-run.ts";
import { startUnanswered } from "../start/start-unanswered.ts";

/** The common parts of one scenario's starts. */
export type Starts = RunOptions & { readonly box: Box; readonly cli: InstalledCli; readonly agent: Agent };

/**
 * Starts the CLI in every folder, one after the other, and compares the screens where it stops. Default arguments:
 * those that keep the CLI from leaving programs behind.
 */
export const startProblems = async (
  { box, cli, agent, env, signal }: Starts,
  starts: ExpectedStarts,
  args: readonly string[] = agent.args?.(cli.version) ?? [],
): Promise<string[]> => {
  const problems: string[] = [];
  for (const [folder, asks] of Object.entries(starts)) {
    const start = await startUnanswered(cli.path, agent.pack, { args, cwd: box.path(folder), env, signal });
    if (start.asks !== asks)
      problems.push(
        `${folder}: ${[cli.provider, ...args].join(" ")} ends at ${start.asks}, not ${asks}\n${start.screen}`,
      );
  }
  return problems;
};
