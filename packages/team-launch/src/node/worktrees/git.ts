import { execFile } from "node:child_process";
import type { Environment } from "@trust/preflight";
import { fail, ok, type Result } from "@gatehouse/std";

/** What git said on stderr; for a person. */
export type GitError = { readonly code: "git-failed"; readonly message: string };

/** Runs git in a folder. */
export type Git = (folder: string, ...args: readonly string[]) => Promise<Result<string, GitError>>;

/** A repository of a caller's git hook or wrapper is not the one that is meant. */
const strange = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];

/**
 * Nothing of the folder's own is run: it may not be trusted yet. A hook that git calls after a checkout, or a
 * monitor of its files, would be.
 */
const quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

/** Git with the caller's environment. It asks nobody, and speaks English. */
export const gitOf = (env: Environment): Git => {
  const own = Object.entries(env).filter(([name]) => !strange.includes(name));
  const full = { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  return (folder, ...args) =>
    new Promise((resolve) => {
      execFile("git", ["-C", folder, ...quiet, ...args], { env: full }, (error, stdout, stderr) => {
        if (error === null) resolve(ok(stdout.trimEnd()));
        else resolve(fail({ code: "git-failed", message: stderr.trim() || error.message }));
      });
    });
};
