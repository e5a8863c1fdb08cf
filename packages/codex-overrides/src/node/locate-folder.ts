import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ReadError } from "../explain.ts";
import type { Result } from "../result.ts";
import { readWholeFile } from "./read-file.ts";
import { systemCode } from "./system-code.ts";

/** The places that decide whether Codex trusts a folder. All are real paths. */
export type FolderPlaces = {
  readonly real: string;
  /** The nearest folder, from `real` upwards, that holds a `.git`. */
  readonly gitRoot: string | null;
  /** The main checkout of a linked worktree; else `gitRoot`. */
  readonly mainRoot: string | null;
};

const realPathOf = async (path: string): Promise<Result<string, string>> => {
  try {
    return { ok: true, value: await realpath(path) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

const kindOf = async (path: string): Promise<"folder" | "file" | null> => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    return found.isFile() ? "file" : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const textOf = async (file: string): Promise<string> => {
  const read = await readWholeFile(file);
  return read.ok ? read.value.bytes.toString("utf8").trim() : "";
};

const nearestGit = async (folder: string): Promise<{ root: string; kind: "folder" | "file" } | null> => {
  const kind = await kindOf(join(folder, ".git"));
  if (kind !== null) return { root: folder, kind };
  const above = dirname(folder);
  return above === folder ? null : nearestGit(above);
};

/**
 * The main checkout of a linked worktree, or the worktree itself where the pointers do not close: its `.git` names
 * `<main>/.git/worktrees/<name>`, and the `gitdir` there names our `.git` again. Codex follows them likewise; its newer
 * versions check the way back too (its source, 2026).
 */
const mainRootOf = async (worktree: string): Promise<string> => {
  const pointer = /^gitdir:(.+)$/.exec(await textOf(join(worktree, ".git")))?.[1]?.trim();
  const gitDir = await realPathOf(resolve(worktree, pointer ?? "."));
  if (pointer === undefined || !gitDir.ok || basename(dirname(gitDir.value)) !== "worktrees") return worktree;
  const backlink = await realPathOf(resolve(gitDir.value, await textOf(join(gitDir.value, "gitdir"))));
  if (!backlink.ok || backlink.value !== join(worktree, ".git")) return worktree;
  const commonDir = dirname(dirname(gitDir.value));
  return basename(commonDir) === ".git" ? dirname(commonDir) : worktree;
};

/** Finds a folder's places. A relative path starts at the current folder. It reads `.git` entries and never runs git. */
export const locateFolder = async (dir: string): Promise<Result<FolderPlaces, ReadError>> => {
  const folder = resolve(dir);
  const real = await realPathOf(folder);
  const detail = real.ok ? "ENOTDIR" : real.error;
  if (!real.ok || (await kindOf(real.value)) !== "folder")
    return { ok: false, error: { code: "not-a-folder", folder, detail } };
  const git = await nearestGit(real.value);
  const gitRoot = git?.root ?? null;
  const mainRoot = git?.kind === "file" ? await mainRootOf(git.root) : gitRoot;
  return { ok: true, value: { real: real.value, gitRoot, mainRoot } };
};

/** The keys under which Codex looks a folder up, in its order: the folder itself, its git root, its main checkout. */
export const trustKeys = ({ real, gitRoot, mainRoot }: FolderPlaces): readonly string[] => [
  ...new Set([real, gitRoot, mainRoot].filter((key) => key !== null)),
];
