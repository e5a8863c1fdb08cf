import { writeFile } from "node:fs/promises";
import { defaultFlags } from "@trust/team-launch";
import { makeWorld } from "../claude/world.ts";
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
    const world = await makeWorld(members);
    await writeFile(world.stateFile, JSON.stringify(trustedProfile(world.folders)));
    const claude = cli.ok ? cli.value.path : await makeTinyAgent(world.root);
    const team = teamOfPairs(
      "bench",
      world.folders.map((folder) => ({ folder, provider: "claude" })),
    );
    const run = (preflight: boolean) => () =>
      timeLaunch({ team, flags: { ...defaultFlags, preflight }, env: world.env, claude });
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: run(false) },
          { name: ours, run: run(true) },
        ],
        derived: [{ name: added, from: difference }],
        dispose: world.dispose,
      },
    };
  },
};

const difference = (figures: ReadonlyMap<string, number>): number | undefined => {
  const [whole, without] = [figures.get(ours), figures.get(floor)];
  return whole === undefined || without === undefined ? undefined : whole - without;
};
