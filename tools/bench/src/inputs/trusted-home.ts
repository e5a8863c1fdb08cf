import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair } from "@trust/preflight";

/** A HOME in which three CLIs trust all repositories; Claude's state has 5 kB for each of them. */
export type TrustedHome = {
  readonly root: string;
  readonly home: string;
  readonly folders: readonly string[];
  /** Claude's state file. */
  readonly stateFile: string;
  readonly dispose: () => Promise<void>;
};

export const makeTrustedHome = async (repositories: number): Promise<TrustedHome> => {
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
  return { root, home, folders, stateFile, dispose: () => rm(root, { recursive: true, force: true }) };
};

/** Claude and Codex for each repository, Gemini for half of them: 500 pairs over 200 repositories. */
export const mixedPairs = (folders: readonly string[]): readonly Pair[] =>
  folders.flatMap((folder, index) => [
    { folder, provider: "claude" },
    { folder, provider: "codex" },
    ...(index % 2 === 0 ? [{ folder, provider: "gemini" } as const] : []),
  ]);
