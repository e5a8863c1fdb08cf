import { probeTrust } from "@trust/claude-state-probe/node";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeClaudeHome, type ClaudeHome } from "../claude/claude-home.ts";
import { stateText } from "../inputs/state-file.ts";
import type { Contender, Figure, Measurement } from "../measurement.ts";

const readAndParse = "readFile and JSON.parse";

/**
 * Repeats the work until the resolution of clock and scheduler does not matter; returns the time of one
 * probe.
 */
const timed =
  (times: number, work: () => Promise<boolean>): Contender["run"] =>
  async (): Promise<Figure> => {
    const startedAt = performance.now();
    for (let index = 0; index < times; index += 1)
      if (!(await work())) return { ok: false, error: "the folder was not found trusted" };
    return { ok: true, value: (performance.now() - startedAt) / times };
  };

const contendersFor = (
  { stateFile, env }: ClaudeHome,
  folder: string,
  times: number,
): readonly Contender[] => [
  {
    name: readAndParse,
    run: timed(times, async () => {
      const state = JSON.parse(await readFile(stateFile, "utf8"));
      return state.projects[folder].hasTrustDialogAccepted;
    }),
  },
  {
    name: "probe",
    run: timed(times, async () => {
      const home = env["HOME"] ?? "";
      const { state } = await probeTrust({ workspace: folder, env, home, cliVersion: "2.1.328" });
      return state === "trusted";
    }),
  },
];

const probeTime = (name: string, label: string, bytes: number, times: number): Measurement => ({
  name,
  title: `Is this folder (a git repository) trusted, by a state file of ${label}`,
  unit: "ms",
  floor: readAndParse,
  bounds: { probe: { atMost: 1.3 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const claudeHome = await makeClaudeHome(1);
    const folder = claudeHome.folders[0] ?? "";
    await mkdir(join(folder, ".git"));
    await writeFile(claudeHome.stateFile, stateText(bytes, folder));
    return {
      ok: true,
      value: { contenders: contendersFor(claudeHome, folder, times), dispose: claudeHome.dispose },
    };
  },
});

export const probeSmall: Measurement = probeTime("probe-1kb", "1 KB", 2 ** 10, 500);
export const probeMiddle: Measurement = probeTime("probe-1mb", "1 MB", 2 ** 20, 10);
export const probeLarge: Measurement = probeTime("probe-20mb", "20 MB", 20 * 2 ** 20, 1);
