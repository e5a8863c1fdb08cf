import { defaultFlags } from "@trust/team-launch";
import type { ClaudeCli } from "../claude/find-cli.ts";
import { makeClaudeHome, type ClaudeHome } from "../claude/claude-home.ts";
import { preflightBatch } from "../claude/preflight-batch.ts";
import type { Contender, Figure, Measurement } from "../measurement.ts";
import { timeLaunch } from "./launch-once.ts";
import { teamOfPairs } from "./teams.ts";

const floor = "preflight by control";
const ours = "a launch";
const members = 16;

/** New folders of a new HOME each time. A run counts if all of them are trusted on disk. */
const trustsAll = (name: string, work: (claudeHome: ClaudeHome) => Promise<Figure>): Contender => ({
  name,
  run: async () => {
    const claudeHome = await makeClaudeHome(members);
    const figure = await work(claudeHome);
    const lost = claudeHome.folders.filter((folder) => !claudeHome.isTrusted(folder)).length;
    await claudeHome.dispose();
    return lost === 0 || !figure.ok ? figure : { ok: false, error: `${lost} not trusted` };
  },
});

const preflightAlone = async (cli: ClaudeCli, claudeHome: ClaudeHome): Promise<Figure> => {
  const startedAt = performance.now();
  const done = await preflightBatch(cli, claudeHome, "control");
  return done.ok ? { ok: true, value: performance.now() - startedAt } : done;
};

const launchWith = ({ path }: ClaudeCli, { env, folders }: ClaudeHome): Promise<Figure> => {
  const team = teamOfPairs(
    "bench",
    folders.map((folder) => ({ folder, provider: "claude" })),
  );
  return timeLaunch({ team, flags: defaultFlags, env, claude: path });
};

/** A launch in new folders, for which the real Claude Code has to be asked. */
export const launchFresh: Measurement = {
  name: "launch-16-fresh",
  title: `A launch of ${members} members in ${members} new folders of a new HOME, trusted by the real Claude Code`,
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 1.25 } },
  rounds: { full: 9, quick: 3 },
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    const contenders = [
      trustsAll(floor, (claudeHome) => preflightAlone(cli.value, claudeHome)),
      trustsAll(ours, (claudeHome) => launchWith(cli.value, claudeHome)),
    ];
    return { ok: true, value: { contenders } };
  },
};
