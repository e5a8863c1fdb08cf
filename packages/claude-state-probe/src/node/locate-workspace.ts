import { realpathSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Result } from "../result.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { mostOwnBytes, readWholeFile } from "./read-file.ts";
import { systemCode } from "./system-code.ts";
import { upwards } from "./upwards.ts";

export type LocateError = {
  readonly code: "not-a-folder";
  readonly path: string;
  /** What the system said: `ENOENT`, `EACCES`, or `ENOTDIR` for a file. */
  readonly detail: string;
};

/**
 * Looks at the folders are synchronous: each takes 2 µs, through the thread pool 20 to 40, which at ten looks is more than
 * reading a small state file. Claude Code looks the same way when it starts.
 */
const realpathOf = (path: string): Result<string, string> => {
  try {
    return { ok: true, value: realpathSync.native(path) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

/** What is there, links followed. */
const entryAt = (path: string): Stats | null => {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** Claude Code asks no more of a `.git` than to be there, as a folder or a file (2.1.328). */
const gitEntryIn = (folder: string): "folder" | "file" | null => {
  const entry = entryAt(join(folder, ".git"));
  if (entry?.isDirectory()) return "folder";
  return entry?.isFile() ? "file" : null;
};

const textOf = async (file: string): Promise<string> => {
  try {
    return (await readWholeFile(file, mostOwnBytes))?.toString("utf8").trim() ?? "";
  } catch (error) {
    systemCode(error);
    return "";
  }
};

type Pointers = { readonly main: string; readonly pointed: readonly string[] };

/**
 * The main checkout that a linked worktree belongs to, or the worktree itself where the pointers do not close:
 * its `.git` names `<main>/.git/worktrees/<name>`, the `commondir` there `<main>/.git`, the `gitdir` our `.git` again.
 * A submodule has no `commondir`, so it is a repository of its own. A bare repository stands for itself. Links in the
 * pointers stay as they are written, for Claude Code takes them so into its key (2.1.328).
 */
const followPointers = async (worktree: string): Promise<Pointers> => {
  const pointer = /^gitdir:\s*(.+)$/.exec(await textOf(join(worktree, ".git")))?.[1];
  if (pointer === undefined) return { main: worktree, pointed: [] };
  const gitDir = resolve(worktree, pointer);
  const [common, back] = await Promise.all([
    textOf(join(gitDir, "commondir")),
    textOf(join(gitDir, "gitdir")),
  ]);
  const commonDir = resolve(gitDir, common);
  const main = basename(commonDir) === ".git" ? dirname(commonDir) : commonDir;
  const pointed = [...new Set([gitDir, commonDir, main])];
  if (dirname(gitDir) !== join(commonDir, "worktrees")) return { main: worktree, pointed };
  const backlink = realpathOf(resolve(gitDir, back));
  const closes = backlink.ok && backlink.value === join(worktree, ".git");
  return { main: closes ? main : worktree, pointed };
};

/**
 * Finds the places that decide which trust key speaks for a folder; a relative `dir` is resolved against the current
 * folder. It reads `.git` entries and never runs git, which can run a repository's own programs; git's environment
 * (`GIT_DIR`, `GIT_CEILING_DIRECTORIES`) does not count.
 */
export const locateWorkspace = async (
  dir: string,
  { home }: { readonly home: string },
): Promise<Result<WorkspacePaths, LocateError>> => {
  const given = resolve(dir);
  const [folder, realHome] = [realpathOf(given), realpathOf(home)];
  const problem = (detail: string): Result<never, LocateError> => ({
    ok: false,
    error: { code: "not-a-folder", path: given, detail },
  });
  if (!folder.ok) return problem(folder.error);
  const real = folder.value;
  if (!entryAt(real)?.isDirectory()) return problem("ENOTDIR");
  const gitRoot = upwards(real).find((place) => gitEntryIn(place) !== null) ?? null;
  const { main, pointed } =
    gitRoot !== null && gitEntryIn(gitRoot) === "file"
      ? await followPointers(gitRoot)
      : { main: gitRoot, pointed: [] };
  const ownHome = realHome.ok ? realHome.value : resolve(home);
  return { ok: true, value: { given, real, gitRoot, mainRoot: main, pointed, home: ownHome } };
};
