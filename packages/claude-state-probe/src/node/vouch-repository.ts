import { lstatSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { coreWorktree } from "../core-worktree.ts";
import type { KeyDoubt } from "../key-doubt.ts";
import { type Result, systemCode } from "@gatehouse/std";
import { readConfig } from "./pointer-file.ts";
import { realPathOf } from "./real-path.ts";
import { upwards } from "./upwards.ts";

const holds = (test: () => boolean): boolean => {
  try {
    return test();
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/**
 * What git asks of a git directory. A HEAD may be a link to a branch that is not there yet, and `objects` and `refs` links
 * to another's, as `git-new-workdir` and Android's `repo` make them.
 */
export const isGitDirectory = (folder: string): boolean =>
  holds(() => {
    const head = lstatSync(join(folder, "HEAD"));
    return head.isFile() || head.isSymbolicLink();
  }) && ["objects", "refs"].every((name) => holds(() => statSync(join(folder, name)).isDirectory()));

/** Whether a folder is `outer` or below it; both are real paths. */
export const isInside = (folder: string, outer: string): boolean => upwards(folder).includes(outer);

/**
 * Whoever may write in a folder of many, such as /tmp, can make a repository of it. Its owner could do anything there
 * anyway, and so could root.
 */
const isForeign = (gitDir: string, root: string): boolean => {
  const own = process.geteuid?.();
  const { uid } = statSync(gitDir);
  return own !== undefined && ![own, 0, statSync(root).uid].includes(uid);
};

/** A later file counts more; `config.worktree` has it where worktrees have configurations of their own (`sparse-checkout`). */
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
 * Without `core.worktree` a folder `.git` belongs to the one that it is in, and another git directory to whoever names it:
 * `git init --separate-git-dir` writes nothing back, and the repository beside worktrees is often `.bare`, named by a `.git`.
 */
const belongsTo = (gitDir: string, root: string, named: string | null): boolean => {
  if (named === null) return isInside(gitDir, root) || basename(gitDir) !== ".git";
  const worktree = realPathOf(resolve(gitDir, named));
  return worktree.ok && worktree.value === root;
};

/** Why nothing shows that the git directory, links followed, is the repository of a working tree; null where it is. */
export const doubtOfRepository = async (root: string, gitDir: string): Promise<KeyDoubt | null> => {
  const [realRoot, realDir] = [realPathOf(root), realPathOf(gitDir)];
  if (!realRoot.ok || !realDir.ok || !isGitDirectory(realDir.value))
    return { code: "no-repository", place: gitDir };
  if (holds(() => isForeign(realDir.value, realRoot.value))) return { code: "other-owner", place: gitDir };
  const named = await namedWorktree(realDir.value);
  if (!named.ok) return named.error;
  return belongsTo(realDir.value, realRoot.value, named.value)
    ? null
    : { code: "other-working-tree", place: gitDir };
};
