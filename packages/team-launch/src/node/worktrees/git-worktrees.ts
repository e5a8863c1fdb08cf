import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Environment } from "@trust/preflight";
import { makeFolder } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { endMarked, processesWith, signalProcess } from "@gatehouse/processes/records";
import type { WorktreePort } from "../../lifecycle/launch-ports.ts";
import type { WorktreePlan } from "../../lifecycle/worktree.ts";
import type { LaunchError } from "../../lifecycle/launch-run.ts";
import type { EffectiveMember } from "../../team/team.ts";
import { foreignCode } from "./foreign-code.ts";
import { gitOf, type Git, type GitError } from "./git.ts";
import { isUnfinishedWorktree, removeWorktree } from "./remove-worktree.ts";

/** Worktrees of members in the data folder, each with a branch `gatehouse/TEAM/MEMBER`. */
export const gitWorktrees = (dataDir: string, env: Environment): WorktreePort => {
  const git = gitOf(env);
  return {
    plan: (team, member) =>
      planWorktree(git, join(dataDir, "worktrees", team, member.name), { team, member }),
    make: async ({ path, source, branch, isNewBranch }) => {
      await makeFolder(dirname(path), 0o700);
      const named = isNewBranch ? ["-b", branch, path] : [path, branch];
      const markedGit = gitOf({ ...env, [checkoutVariable]: path });
      const made = await markedGit(source, "worktree", "add", "--quiet", ...named);
      if (made.ok) return ok(null);
      return fail({ code: "worktree-failed", message: `No worktree of ${source}: ${made.error.message}` });
    },
    remove: async (made) => {
      await endCheckout(made.path);
      return removeWorktree(git, made);
    },
  };
};

/** Environment variable of a git that makes a worktree, and of its children. Its value is the worktree's path. */
const checkoutVariable = "GATEHOUSE_MAKES_WORKTREE";

/** Time in which git may undo its work after SIGTERM, ms. */
const graceMs = 5_000;
/** Interval between two checks, ms. */
const lookEvery = 20;

/**
 * Ends the git that is still making a worktree, and its hooks' processes: it keeps running when its launcher is killed,
 * and would finish a worktree that was already undone. On SIGTERM git 2.39 removes its unfinished worktree. Finds no
 * process on a system without /proc.
 */
const endCheckout = async (path: string): Promise<void> => {
  for (const pid of processesWith(checkoutVariable, path)) signalProcess(pid, "SIGTERM");
  const until = performance.now() + graceMs;
  while (processesWith(checkoutVariable, path).length > 0 && performance.now() < until)
    await pause(lookEvery);
  await endMarked(checkoutVariable, path);
};

type WorktreeOwner = { readonly team: string; readonly member: EffectiveMember };

const planWorktree = async (
  git: Git,
  path: string,
  { team, member: { name, folder } }: WorktreeOwner,
): Promise<Result<WorktreePlan, LaunchError>> => {
  const places = await git(
    folder,
    "rev-parse",
    "--path-format=absolute",
    "--git-common-dir",
    "--show-prefix",
  );
  const impossible = (why: string, fix: string): Result<never, LaunchError> =>
    fail({ code: "worktree-impossible", message: `${why}, so ${name} can have no worktree of it.`, fix });
  const without = "leave out `worktree: true`";
  if (!places.ok) return impossible(`${folder} ${reasonOf(places.error)}`, `mend that, or ${without}`);
  const commit = await git(folder, "rev-parse", "--verify", "--quiet", "HEAD");
  if (!commit.ok) return impossible(`${folder} has no commit yet`, `make a commit there, or ${without}`);
  // The folder may not be trusted yet, so a checkout must not run the folder's own programs.
  const foreign = await foreignCode(git, folder);
  if (!foreign.ok) return impossible(`${folder} ${reasonOf(foreign.error)}`, `mend that, or ${without}`);
  if (foreign.value !== null) {
    const why = `The configuration of ${folder} has ${foreign.value}, with which a checkout could run programs`;
    return impossible(why, `move it into your own configuration (git config --global), or ${without}`);
  }
  const [common = "", prefix = ""] = places.value.split("\n");
  const branch = `gatehouse/${team}/${name}`;
  const exists = existsSync(path);
  if (exists) {
    const problem = await problemOf(git, { path, folder, common });
    if (problem !== null) return fail({ code: "worktree-taken", ...problem });
  }
  const known = await git(folder, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
  // Git ends the prefix with a slash; preflight and lists name folders without one.
  const cwd = join(path, prefix.replace(/\/$/, ""));
  return ok({ path, cwd, source: folder, branch, isNewBranch: !known.ok, exists });
};

/** Git's reason, as the end of a sentence that begins with the folder. */
const reasonOf = ({ code, message }: GitError): string => {
  if (code === "git-failed" && /cannot change to/.test(message)) return "is not a folder";
  return code === "git-failed" && /not a git repository/.test(message)
    ? "is not a git repository"
    : `cannot be read by git (${message})`;
};

type Existing = { readonly path: string; readonly folder: string; readonly common: string };

/** The problem if an existing folder cannot be the worktree; null if it can. */
const problemOf = async (
  git: Git,
  { path, folder, common }: Existing,
): Promise<{ readonly message: string; readonly fix: string } | null> => {
  const there = await git(path, "rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel");
  if (!there.ok || there.value !== `${common}\n${realpathSync.native(path)}`)
    return {
      message: `${path} is there, and is no worktree of ${folder}.`,
      fix: "look at it, and move it away",
    };
  if (!(await isUnfinishedWorktree(git, folder, path))) return null;
  const fix = `look at it, then git -C ${folder} worktree remove --force --force ${path}`;
  return { message: `Git has not finished ${path}, or was killed there.`, fix };
};
