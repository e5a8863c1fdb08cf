import { statSync } from "node:fs";
import { open, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { planFull, runPreflight } from "@trust/preflight/node";
import { parse, type TomlTable } from "smol-toml";
import { makeCodexHome, type CodexHome } from "../codex/codex-home.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";

const floor = "read, parse, git root, ledger line";

/**
 * Maximum time per folder, in milliseconds. It is printed but not enforced, since the clock of a shared
 * machine is unreliable.
 */
const mayTakeMs = 5;

/** Finds the repository's root, without any other check. */
const gitRoot = (folder: string): string => {
  const isRoot = statSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined;
  return isRoot || dirname(folder) === folder ? folder : gitRoot(dirname(folder));
};

/** The minimum work for any answer: reads config.toml, and finds the folder's root. */
const bareLook = async ({ config, folders }: CodexHome): Promise<boolean> => {
  const projects = parse(await readFile(config, "utf8"))["projects"] as TomlTable;
  const roots = await Promise.all(folders.map(async (folder) => gitRoot(await realpath(folder))));
  return roots.every((root) => projects[root] === undefined);
};

/**
 * Writes lines as long as ours, which are on the disk on return: a consent that a crash could lose does not
 * count.
 */
const bareLines = async ({ folders, dataDir }: CodexHome): Promise<void> => {
  const handle = await open(`${dataDir}.bare`, "a");
  await handle.appendFile(folders.map((folder) => `${folder.padEnd(500, "x")}\n`).join(""));
  await handle.datasync();
  await handle.close();
};

/**
 * Repeats the work until the resolution of clock and scheduler does not matter; returns the time for one
 * folder.
 */
const timed =
  ({ folders }: CodexHome, times: number, work: () => Promise<boolean>) =>
  async (): Promise<Figure> => {
    const startedAt = performance.now();
    for (let index = 0; index < times; index += 1)
      if (!(await work())) return { ok: false, error: "a folder was not passed at launch" };
    return { ok: true, value: (performance.now() - startedAt) / times / folders.length };
  };

const preflightCodex = (count: number, times: number, atMost: number): Measurement => ({
  name: `preflight-codex-${count}`,
  title: `preflight --provider codex of new repositories, ${count} in one batch: its own work for each folder`,
  unit: "ms",
  floor,
  bounds: { preflight: { atMost } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const codexHome = await makeCodexHome(count);
    const { folders, env, dataDir } = codexHome;
    const request = { folders, env, dataDir, providers: ["codex"] as const };
    const figures: number[] = [];
    const whole = timed(codexHome, times, async () => {
      const { results } = await runPreflight(request);
      return results.every(({ code }) => code === "passed-at-launch");
    });
    const contenders = [
      {
        name: floor,
        run: timed(codexHome, times, async () => {
          const isNew = await bareLook(codexHome);
          await bareLines(codexHome);
          return isNew;
        }),
      },
      {
        name: "its plan alone",
        run: timed(codexHome, times, async () => {
          const plan = await planFull(request);
          return plan.folders.every(({ verdict }) => verdict?.code === "passed-at-launch");
        }),
      },
      {
        name: "preflight",
        run: async (): Promise<Figure> => {
          const figure = await whole();
          if (figure.ok) figures.push(figure.value);
          return figure;
        },
      },
    ];
    const notes = () =>
      figures.length === 0
        ? []
        : [
            `A folder may take ${mayTakeMs} ms; the median, first round included, was ${median(figures).toFixed(2)} ms.`,
          ];
    return { ok: true, value: { contenders, notes, dispose: codexHome.dispose } };
  },
});

export const preflightCodexOne: Measurement = preflightCodex(1, 20, 8);
export const preflightCodexMany: Measurement = preflightCodex(100, 5, 10);
