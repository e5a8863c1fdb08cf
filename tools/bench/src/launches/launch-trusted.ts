import { writeFile } from "node:fs/promises";
import { defaultFlags } from "@trust/team-launch";
import { makeClaudeHome } from "../claude/claude-home.ts";
import type { Measurement } from "../measurement.ts";
import { timeLaunch } from "./launch-once.ts";
import { makeTinyAgent } from "./tiny-agent.ts";
import { teamOfPairs } from "./teams.ts";
import { trustedProfile } from "./trusted-profile.ts";

const floor = "a launch without preflight";
const ours = "a launch";
const added = "what preflight adds";
const members = 16;

/** A launch of a team whose folders Claude Code trusts already. */
export const launchTrusted: Measurement = {
  name: "launch-trusted",
  title: `A launch of ${members} members in ${members} trusted folders, whose agents are ready at once`,
  unit: "ms",
  floor,
  bounds: { [added]: { figureAtMost: 10 } },
  rounds: { full: 30, quick: 10 },
  prepare: async ({ cli }) => {
    const claudeHome = await makeClaudeHome(members);
    await writeFile(claudeHome.stateFile, JSON.stringify(trustedProfile(claudeHome.folders)));
    const claude = cli.ok ? cli.value.path : await makeTinyAgent(claudeHome.root);
    const team = teamOfPairs(
      "bench",
      claudeHome.folders.map((folder) => ({ folder, provider: "claude" })),
    );
    const run = (preflight: boolean) => () =>
      timeLaunch({ team, flags: { ...defaultFlags, preflight }, env: claudeHome.env, claude });
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: run(false) },
          { name: ours, run: run(true) },
        ],
        derived: [{ name: added, from: difference }],
        dispose: claudeHome.dispose,
      },
    };
  },
};

const difference = (figures: ReadonlyMap<string, number>): number | undefined => {
  const [whole, without] = [figures.get(ours), figures.get(floor)];
  return whole === undefined || without === undefined ? undefined : whole - without;
};
