import { lstatSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { type Result, systemCode } from "@gatehouse/std";
import type { KeyDoubt } from "../../workspace-paths.ts";
import { readConfig } from "./pointer-file.ts";
import { realPathOf, upwards } from "../paths.ts";

/** The text of a value as git reads it: without a comment, and with quotes and escapes resolved. */
const valueOf = (written: string): string => {
  const text = /^(?:"(?:\\.|[^"\\])*"|\\.|[^"\\#;])*/.exec(written)?.[0] ?? "";
  return text.trimEnd().replace(/\\(.)|"/g, (_, escaped?: string) => escaped ?? "");
};

/**
 * Reads `core.worktree` from a git configuration: the working tree of a git directory elsewhere, as git
 * writes it for a submodule. The last entry counts; null if there is none. Files named by `include` are not
 * read.
 */
export const coreWorktree = (config: string): string | null => {
  let [section, found]: [string, string | null] = ["", null];
  for (const line of config.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const header = /^\s*\[([^\]]*)\]/.exec(line);
    if (header) section = header[1]?.trim().toLowerCase() ?? "";
    const value = /^\s*worktree\s*=\s*(.*)$/i.exec(line.slice(header?.[0].length ?? 0))?.[1];
    if (section === "core" && value !== undefined) found = valueOf(value);
  }
  return found;
};

const isTrue = (test: () => boolean): boolean => {
  try {
    return test();
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/**
 * True if git accepts a folder as a git directory. HEAD may be a link to a branch that does not exist yet.
 * `objects` and `refs` may be links to another repository's, as `git-new-workdir` and Android's `repo` make
 * them.
 */
export const isGitDirectory = (folder: string): boolean =>
  isTrue(() => {
    const head = lstatSync(join(folder, "HEAD"));
    return head.isFile() || head.isSymbolicLink();
  }) && ["objects", "refs"].every((name) => isTrue(() => statSync(join(folder, name)).isDirectory()));

/** True if a folder is `outer` or below it. Both must be real paths. */
export const isInside = (folder: string, outer: string): boolean => upwards(folder).includes(outer);

/**
 * True if another user owns the git directory. Any user who may write to a shared folder, such as /tmp, can
 * make it a repository. The folder's owner and root are accepted, because they could change anything there.
 */
const isForeign = (gitDir: string, root: string): boolean => {
  const own = process.geteuid?.();
  const { uid } = statSync(gitDir);
  return own !== undefined && ![own, 0, statSync(root).uid].includes(uid);
};

/**
 * Reads `core.worktree`; a later file takes precedence. It is in `config.worktree` if worktrees have their
 * own configurations (`sparse-checkout`).
 */
const namedWorktree = async (gitDir: string): Promise<Result<string | null, KeyDoubt>> => {
  let named: string | null = null;
  for (const name of ["config", "config.worktree"]) {
    const text = await readConfig(join(gitDir, name));
    if (!text.ok) return text;
    named = coreWorktree(text.value ?? "") ?? named;
  }
  return { ok: true, value: named };
};

/**
 * True if the git directory belongs to this working tree. Without `core.worktree`, a folder `.git` belongs to
 * the folder that contains it, and any other git directory to the tree that names it:
 * `git init --separate-git-dir` writes no pointer back, and the repository beside worktrees is often
 * `.bare`, named by a `.git`.
 */
const belongsTo = (gitDir: string, root: string, named: string | null): boolean => {
  if (named === null) return isInside(gitDir, root) || basename(gitDir) !== ".git";
  const worktree = realPathOf(resolve(gitDir, named));
  return worktree.ok && worktree.value === root;
};

/**
 * Why a git directory, with links followed, is not confirmed as the repository of a working tree; null if it
 * is.
 */
export const doubtOfRepository = async (root: string, gitDir: string): Promise<KeyDoubt | null> => {
  const [realRoot, realDir] = [realPathOf(root), realPathOf(gitDir)];
  if (!realRoot.ok || !realDir.ok || !isGitDirectory(realDir.value))
    return { code: "no-repository", place: gitDir };
  if (isTrue(() => isForeign(realDir.value, realRoot.value))) return { code: "other-owner", place: gitDir };
  const named = await namedWorktree(realDir.value);
  if (!named.ok) return named.error;
  return belongsTo(realDir.value, realRoot.value, named.value)
    ? null
    : { code: "other-working-tree", place: gitDir };
};
