import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { planFull } from "@trust/preflight/node";
import type { Pair } from "@trust/preflight";
import type { Figure, Measurement } from "../measurement.ts";

const floor = "read and parse the state once";
const ours = "planFull";
const repositories = 200;

/** A HOME in which three CLIs trust 200 repositories; Claude's state holds a megabyte. */
const makeHome = async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "gatehouse-bench-plan-")));
  const home = join(root, "home");
  const folders = Array.from({ length: repositories }, (_, index) =>
    join(root, "work", `repository-${index}`),
  );
  for (const folder of folders) {
    for (const part of ["objects", "refs"]) await mkdir(join(folder, ".git", part), { recursive: true });
    await writeFile(join(folder, ".git", "HEAD"), "ref: refs/heads/main\n");
  }
  const project = { hasTrustDialogAccepted: true, history: ["x".repeat(5_000)] };
  const projects = Object.fromEntries(folders.map((folder) => [folder, project]));
  const tables = folders.map((folder) => `[projects."${folder}"]\ntrust_level = "trusted"\n`);
  const rules = Object.fromEntries(folders.map((folder) => [folder, "TRUST_FOLDER"]));
  for (const folder of [".codex", ".gemini"]) await mkdir(join(home, folder), { recursive: true });
  const stateFile = join(home, ".claude.json");
  await writeFile(stateFile, JSON.stringify({ hasCompletedOnboarding: true, projects }));
  await writeFile(join(home, ".codex", "config.toml"), tables.join(""));
  await writeFile(join(home, ".gemini", "trustedFolders.json"), JSON.stringify(rules));
  return { root, home, folders, stateFile };
};

/** 500 pairs: Claude and Codex for each repository, Gemini for the half of them. */
const pairsOf = (folders: readonly string[]): readonly Pair[] =>
  folders.flatMap((folder, index) => [
    { folder, provider: "claude" },
    { folder, provider: "codex" },
    ...(index % 2 === 0 ? [{ folder, provider: "gemini" } as const] : []),
  ]);

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
    const { root, home, folders, stateFile } = await makeHome();
    const env = { HOME: home, PATH: process.env["PATH"] ?? "" };
    const request = { folders: [], pairs: pairsOf(folders), env, dataDir: join(root, "data") };
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
    const dispose = () => rm(root, { recursive: true, force: true });
    return { ok: true, value: { contenders, dispose } };
  },
};
