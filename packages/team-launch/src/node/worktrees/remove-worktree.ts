import { existsSync, readdirSync, realpathSync } from "node:fs";
import { fail, ok, type Result } from "@gatehouse/std";
import type { LaunchError } from "../../lifecycle/launch-run.ts";
import type { MadeWorktree } from "../../lifecycle/worktree.ts";
import { foreignCode } from "./foreign-code.ts";
import type { Git } from "./git.ts";
import { workingIn } from "./working-in.ts";

/** Removes a worktree that no agent was started in. What somebody left there stays, and so does its branch. */
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
    const isHalf = await isHalfMade(git, source, path);
    const work = await workIn(git, path, isHalf);
    if (work !== null) return kept(work);
    // Git locks a worktree while it makes it, and then removes it by force alone.
    const force = isHalf ? ["--force", "--force"] : [];
    const removed = await git(source, "worktree", "remove", ...force, path);
    if (!removed.ok) return kept(removed.error.message);
  }
  // Git deletes only a branch without commits of its own that no other worktree has checked out.
  if (isNewBranch) await git(source, "branch", "--quiet", "-d", branch);
  return ok(null);
};

/**
 * Whether a killed git left the folder at this path, or git still works on it. A person's lock has another reason.
 * Git lists real paths.
 */
export const isHalfMade = async (git: Git, source: string, path: string): Promise<boolean> => {
  const listed = await git(source, "worktree", "list", "--porcelain");
  const blocks = listed.ok ? listed.value.split("\n\n").map((text) => text.split("\n")) : [];
  const head = `worktree ${realpathSync.native(path)}`;
  return blocks.some((lines) => lines[0] === head && lines.includes("locked initializing"));
};

/** Why a worktree may hold somebody's work, ignored files included; null if only files of the commit are there. */
const workIn = async (git: Git, path: string, isHalf: boolean): Promise<string | null> => {
  if (readdirSync(path).every((name) => name === ".git")) return null;
  const top = await git(path, "rev-parse", "--show-toplevel");
  if (!top.ok || top.value !== realpathSync.native(path)) return "it is no worktree any more.";
  const foreign = await foreignCode(git, path);
  if (!foreign.ok || foreign.value !== null) return "its configuration could run programs.";
  // Until a checkout ends there is no index to compare with. A git that still works on it holds its lock.
  const read = isHalf ? await git(path, "read-tree", "HEAD") : ok("");
  if (!read.ok) return read.error.message;
  const status = await git(path, "status", "--porcelain", "--ignored", "--untracked-files=normal");
  if (!status.ok) return status.error.message;
  // A missing file is nobody's work.
  const found = status.value.split("\n").filter((line) => line !== "" && !/^ ?D /.test(line));
  return found.length === 0
    ? null
    : `it holds ${found
        .slice(0, 3)
        .map((line) => line.slice(2).trim())
        .join(", ")}.`;
};
