import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Result, WorkspacePaths } from "../index.ts";
import { systemCode } from "./system-code.ts";

export type LocateError = {
  readonly code: "not-a-folder";
  readonly path: string;
  /** What the system said: `ENOENT`, `EACCES`, or `ENOTDIR` for a file. */
  readonly detail: string;
};

const upwards = (folder: string): readonly string[] => {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
};

type GitEntry = { readonly root: string; readonly linked: boolean };

/** A `.git` folder, or the `.git` file of a worktree or submodule. Claude looks no further than its being there (2.1.328). */
const gitEntryIn = async (root: string): Promise<GitEntry | null> => {
  try {
    const entry = await stat(join(root, ".git"));
    return entry.isDirectory() || entry.isFile() ? { root, linked: entry.isFile() } : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const textOf = async (file: string): Promise<string | null> => {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const realOrNull = async (path: string): Promise<string | null> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/**
 * The main checkout that a linked worktree belongs to, or the worktree itself where the pointers do not close:
 * `.git` file -> `<main>/.git/worktrees/<name>`, its `commondir` -> `<main>/.git`, its `gitdir` -> back to our `.git`.
 * A submodule has no `commondir`, so it is a repository of its own.
 */
const mainRootOf = async (worktree: string): Promise<string> => {
  const pointer = /^gitdir:\s*(.+)$/.exec((await textOf(join(worktree, ".git"))) ?? "")?.[1];
  if (pointer === undefined) return worktree;
  const gitDir = resolve(worktree, pointer);
  const [common, back] = await Promise.all([
    textOf(join(gitDir, "commondir")),
    textOf(join(gitDir, "gitdir")),
  ]);
  if (!common || !back) return worktree;
  const commonDir = resolve(gitDir, common);
  if (dirname(gitDir) !== join(commonDir, "worktrees")) return worktree;
  if ((await realOrNull(resolve(gitDir, back))) !== join(worktree, ".git")) return worktree;
  return (await realOrNull(basename(commonDir) === ".git" ? dirname(commonDir) : commonDir)) ?? worktree;
};

const realFolder = async (path: string): Promise<Result<string, LocateError>> => {
  try {
    const real = await realpath(path);
    if ((await lstat(real)).isDirectory()) return { ok: true, value: real };
    return { ok: false, error: { code: "not-a-folder", path, detail: "ENOTDIR" } };
  } catch (error) {
    return { ok: false, error: { code: "not-a-folder", path, detail: systemCode(error) } };
  }
};

/**
 * Finds the places that decide which trust key speaks for a folder. Reads `.git` entries and runs nothing: git itself
 * can run a repository's own programs, and its environment (`GIT_DIR`, `GIT_CEILING_DIRECTORIES`) does not count here.
 * A relative `dir` is resolved against the current folder.
 */
export const locateWorkspace = async (
  dir: string,
  { home }: { readonly home: string },
): Promise<Result<WorkspacePaths, LocateError>> => {
  const given = resolve(dir);
  const [folder, realHome] = await Promise.all([realFolder(given), realOrNull(home)]);
  if (!folder.ok) return folder;
  const real = folder.value;
  const entries = await Promise.all(upwards(real).map(gitEntryIn));
  const nearest = entries.find((entry) => entry !== null) ?? null;
  const mainRoot = nearest?.linked ? await mainRootOf(nearest.root) : (nearest?.root ?? null);
  return {
    ok: true,
    value: { given, real, gitRoot: nearest?.root ?? null, mainRoot, home: realHome ?? resolve(home) },
  };
};
