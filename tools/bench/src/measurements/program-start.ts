import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bound, Contender, Figure, Measurement } from "../measurement.ts";

const floor = "node -e 0";

/** The programs' bins, as `npx` starts them. They need a build. */
const bins = {
  gatehouse: "apps/host/bin/gatehouse.js",
  ncl: "apps/ncl/bin/ncl.cjs",
  "workspace-trust": "apps/workspace-trust/bin/workspace-trust.js",
  "orchestrator-adapter": "apps/orchestrator-adapter/bin/orchestrator-adapter.js",
};

/** The root of this repository: the folder above this one that has pnpm-workspace.yaml. */
const rootAbove = (folder: string): string =>
  existsSync(join(folder, "pnpm-workspace.yaml")) ? folder : rootAbove(dirname(folder));

/** One process from start to end. */
const timed = (args: readonly string[]) => async (): Promise<Figure> => {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const value = performance.now() - startedAt;
  return status === 0 ? { ok: true, value } : { ok: false, error: stderr };
};

/** The start of each program with one flag, beside Node's own. */
const programStart = (flag: "--version" | "--help", bound: Bound | null): Measurement => {
  const names = Object.keys(bins).map((program) => `${program} ${flag}`);
  return {
    name: `start-${flag.slice(2)}`,
    title: `Each program with ${flag}, from its start to its end`,
    unit: "ms",
    floor,
    bounds: bound === null ? {} : Object.fromEntries(names.map((name) => [name, bound])),
    rounds: { full: 30, quick: 10 },
    prepare: async () => {
      const root = rootAbove(dirname(fileURLToPath(import.meta.url)));
      const missing = Object.values(bins).find((bin) => !existsSync(join(root, dirname(bin), "../dist")));
      if (missing !== undefined) return { ok: false, error: `${missing} is not built: npm run build` };
      const programs = Object.entries(bins).map(([program, bin]): Contender => ({
        name: `${program} ${flag}`,
        run: timed([join(root, bin), flag]),
      }));
      return {
        ok: true,
        value: { contenders: [{ name: floor, run: timed(["-e", "0"]) }, ...programs] },
      };
    },
  };
};

/** A command loads only its own modules, so the version needs almost none. */
export const startForVersion: Measurement = programStart("--version", { atMost: 1.5 });

/** The remaining time is for commander and the definitions of the flags. */
export const startForHelp: Measurement = programStart("--help", null);
