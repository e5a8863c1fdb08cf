import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "@trust/preflight";
import { makeFolder } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import type { WorktreePort } from "../../lifecycle/launch-ports.ts";
import type { MadeWorktree, WorktreePlan } from "../../lifecycle/worktree.ts";
import type { LaunchError } from "../../lifecycle/launch-run.ts";
import type { EffectiveMember } from "../../team/team.ts";
import { gitOf, type Git } from "./git.ts";
import { workingIn } from "./working-in.ts";

/** Worktrees of members, in the data folder, each with a branch `gatehouse/TEAM/MEMBER`. */
export const gitWorktrees = (dataDir: string, env: Environment): WorktreePort => {
  const git = gitOf(env);
  return {
    plan: (team, member) =>
      planWorktree(git, join(dataDir, "worktrees", team, member.name), { team, member }),
    make: async ({ path, source, branch, isNewBranch }) => {
      await makeFolder(dirname(path), 0o700);
      const named = isNewBranch ? ["-b", branch, path] : [path, branch];
      const made = await git(source, "worktree", "add", "--quiet", ...named);
      if (made.ok) return ok(null);
      return fail({ code: "worktree-failed", message: `No worktree of ${source}: ${made.error.message}` });
    },
    remove: (made) => removeWorktree(git, made),
  };
};

type Whose = { readonly team: string; readonly member: EffectiveMember };

const planWorktree = async (
  git: Git,
  path: string,
  { team, member: { name, folder } }: Whose,
): Promise<Result<WorktreePlan, LaunchError>> => {
  const places = await git(
    folder,
    "rev-parse",
    "--path-format=absolute",
    "--git-common-dir",
    "--show-prefix",
  );
  const commit = await git(folder, "rev-parse", "--verify", "--quiet", "HEAD");
  if (!places.ok || !commit.ok) {
    const why = places.ok ? "has no commit yet" : "is no git repository";
    const message = `${folder} ${why}, so ${name} can have no worktree of it.`;
    return fail({
      code: "worktree-impossible",
      message,
      fix: "make a commit there, or leave out `worktree: true`",
    });
  }
  const [common = "", prefix = ""] = places.value.split("\n");
  const branch = `gatehouse/${team}/${name}`;
  const exists = existsSync(path);
  if (exists) {
    const there = await git(
      path,
      "rev-parse",
      "--path-format=absolute",
      "--git-common-dir",
      "--show-toplevel",
    );
    const isOurs = there.ok && there.value === `${common}\n${realpathSync.native(path)}`;
    const message = `${path} is there, and is no worktree of ${folder}.`;
    if (!isOurs) return fail({ code: "worktree-taken", message, fix: "look at it, and move it away" });
  }
  const known = await git(folder, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
  return ok({ path, cwd: join(path, prefix), source: folder, branch, isNewBranch: !known.ok, exists });
};

/** Removes a worktree that no agent was started in. What somebody changed there stays, and so does its branch. */
const removeWorktree = async (
  git: Git,
  { path, source, branch, isNewBranch }: MadeWorktree,
): Promise<Result<null, LaunchError>> => {
  if (existsSync(path)) {
    const pids = workingIn(path);
    const inUse = `${path} stays: a process works there (${pids.join(", ")}).`;
    if (pids.length > 0) return fail({ code: "worktree-in-use", message: inUse });
    const listed = await git(source, "worktree", "list", "--porcelain");
    const own = listed.ok
      ? listed.value.split("\n\n").find((text) => text.startsWith(`worktree ${path}\n`))
      : undefined;
    // Git locks a worktree while it makes it: a kill -9 left this one half made, with nothing of anybody's in it.
    const isHalfMade = own?.includes("\nlocked initializing") === true;
    const removed = await git(
      source,
      "worktree",
      "remove",
      ...(isHalfMade ? ["--force", "--force"] : []),
      path,
    );
    if (!removed.ok)
      return fail({ code: "worktree-kept", message: `${path} stays: ${removed.error.message}` });
  }
  if (isNewBranch) await git(source, "branch", "--quiet", "-d", branch);
  return ok(null);
};
