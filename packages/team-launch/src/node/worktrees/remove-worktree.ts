import { existsSync, readdirSync, realpathSync } from "node:fs";
import { processTable } from "@gatehouse/processes";
import { fail, ok, type Result } from "@gatehouse/std";
import type { LaunchError } from "../../lifecycle/launch-run.ts";
import type { MadeWorktree } from "../../lifecycle/worktree.ts";
import { foreignCode } from "./foreign-code.ts";
import type { Git } from "./git.ts";

/** Removes a worktree in which no agent was started. If it contains other work, it stays, and so does its branch. */
export const removeWorktree = async (
  git: Git,
  { path, source, branch, isNewBranch }: MadeWorktree,
): Promise<Result<null, LaunchError>> => {
  if (existsSync(path)) {
    const kept = (why: string): Result<never, LaunchError> =>
      fail({ code: "worktree-kept", message: `${path} stays: ${why}` });
    const pids = workingIn(realpathSync.native(path));
    const inUse = `${path} stays: a process works there (${pids.join(", ")}).`;
    if (pids.length > 0) return fail({ code: "worktree-in-use", message: inUse });
    const isUnfinished = await isUnfinishedWorktree(git, source, path);
    const work = await foreignWork(git, path, isUnfinished);
    if (work !== null) return kept(work);
    // Git locks a worktree while it makes it. Removing it then needs --force twice.
    const force = isUnfinished ? ["--force", "--force"] : [];
    const removed = await git(source, "worktree", "remove", ...force, path);
    if (!removed.ok) return kept(removed.error.message);
  }
  // Git deletes the branch only if it has no commits of its own and no other worktree has checked it out.
  if (isNewBranch) await git(source, "branch", "--quiet", "-d", branch);
  return ok(null);
};

/**
 * True if a killed git left the folder at this path, or git is still working on it. A person's lock has another reason.
 * Git lists real paths.
 */
export const isUnfinishedWorktree = async (git: Git, source: string, path: string): Promise<boolean> => {
  const listed = await git(source, "worktree", "list", "--porcelain");
  const blocks = listed.ok ? listed.value.split("\n\n").map((text) => text.split("\n")) : [];
  const head = `worktree ${realpathSync.native(path)}`;
  return blocks.some((lines) => lines[0] === head && lines.includes("locked initializing"));
};

/** Why a worktree may contain work, ignored files included; null if it contains only files of the commit. */
const foreignWork = async (git: Git, path: string, isUnfinished: boolean): Promise<string | null> => {
  if (readdirSync(path).every((name) => name === ".git")) return null;
  const top = await git(path, "rev-parse", "--show-toplevel");
  if (!top.ok || top.value !== realpathSync.native(path)) return "it is no worktree any more.";
  const foreign = await foreignCode(git, path);
  if (!foreign.ok || foreign.value !== null) return "its configuration could run programs.";
  // An unfinished checkout has no index to compare with. A git that is still working on it holds the index lock.
  const read = isUnfinished ? await git(path, "read-tree", "HEAD") : ok("");
  if (!read.ok) return read.error.message;
  const status = await git(path, "status", "--porcelain", "--ignored", "--untracked-files=normal");
  if (!status.ok) return status.error.message;
  // A missing file counts as no work.
  const found = status.value.split("\n").filter((line) => line !== "" && !/^ ?D /.test(line));
  return found.length === 0
    ? null
    : `it holds ${found
        .slice(0, 3)
        .map((line) => line.slice(2).trim())
        .join(", ")}.`;
};

/** The processes that work in a folder or below it; none if the system does not report it. */
const workingIn = (folder: string): readonly number[] =>
  processTable.working().flatMap((one) => (isBelow(one.folder, folder) ? [one.pid] : []));

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
