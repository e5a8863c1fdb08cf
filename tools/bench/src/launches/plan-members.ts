import { join } from "node:path";
import process from "node:process";
import { planFull } from "@trust/preflight/node";
import { defaultFlags } from "@trust/team-launch";
import { explainTeam } from "@trust/team-launch/node";
import { makeTrustedHome, mixedPairs } from "../inputs/trusted-home.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { teamOfPairs } from "./teams.ts";

const floor = "planFull of the same pairs";
const ours = "a launch, up to its run";
const members = 500;

const timed = async (work: () => Promise<number>): Promise<Figure> => {
  const startedAt = performance.now();
  const trusted = await work();
  const value = performance.now() - startedAt;
  return trusted === members ? { ok: true, value } : { ok: false, error: `${trusted} trusted` };
};

/** All work of a launch before its run exists, with the settings for Codex. */
export const planMembers: Measurement = {
  name: "launch-500-members",
  title: `The plan of a launch of ${members} members over 200 trusted folders, with a state file of 1 MB`,
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 1.2 } },
  rounds: { full: 30, quick: 5 },
  prepare: async () => {
    const { root, home, folders, dispose } = await makeTrustedHome(200);
    const env = { HOME: home, PATH: process.env["PATH"] ?? "" };
    const dataDir = join(root, "data");
    const pairs = mixedPairs(folders);
    const team = teamOfPairs("bench", pairs);
    const setting = { signal: new AbortController().signal, redact: (text: string) => text };
    const planned = async (): Promise<number> => {
      const plan = await planFull({ folders: [], pairs, env, dataDir });
      return plan.folders.filter(({ verdict }) => verdict?.code === "already-trusted").length;
    };
    const explained = async (): Promise<number> => {
      const plan = await explainTeam({ team, flags: defaultFlags, env, dataDir }, setting);
      return plan.members.filter(({ code }) => code === "already-trusted").length;
    };
    const contenders = [
      { name: floor, run: () => timed(planned) },
      { name: ours, run: () => timed(explained) },
    ];
    return { ok: true, value: { contenders, dispose } };
  },
};
