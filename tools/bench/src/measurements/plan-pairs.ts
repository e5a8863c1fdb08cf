import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { planFull } from "@trust/preflight/node";
import { makeTrustedHome, mixedPairs } from "../inputs/trusted-home.ts";
import type { Figure, Measurement } from "../measurement.ts";

const floor = "read and parse the state once";
const ours = "planFull";

const timed = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

export const planPairs: Measurement = {
  name: "plan-500-pairs",
  title: "A plan of 500 pairs over 200 trusted repositories, with a state file of 1 MB",
  unit: "ms",
  floor,
  bounds: { [ours]: { figureAtMost: 100 } },
  rounds: { full: 30, quick: 5 },
  prepare: async () => {
    const { root, home, folders, stateFile, dispose } = await makeTrustedHome(200);
    const env = { HOME: home, PATH: process.env["PATH"] ?? "" };
    const request = { folders: [], pairs: mixedPairs(folders), env, dataDir: join(root, "data") };
    const plan = async (): Promise<Figure> => {
      let trusted = 0;
      const value = await timed(async () => {
        const planned = await planFull(request);
        trusted = planned.folders.filter(({ verdict }) => verdict?.code === "already-trusted").length;
      });
      return trusted === request.pairs.length
        ? { ok: true, value }
        : { ok: false, error: `${trusted} trusted` };
    };
    const read = async (): Promise<Figure> => ({
      ok: true,
      value: await timed(async () => void JSON.parse(await readFile(stateFile, "utf8"))),
    });
    const contenders = [
      { name: floor, run: read },
      { name: ours, run: plan },
    ];
    return { ok: true, value: { contenders, dispose } };
  },
};
