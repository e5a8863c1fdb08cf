import { execFile } from "node:child_process";
import type { Environment } from "@trust/preflight";
import { fail, ok, type Result } from "@gatehouse/std";

/** Why git gave no answer. The message is git's own, or describes the problem with git. */
export type GitError = {
  readonly code: "git-failed" | "git-missing" | "git-timeout";
  readonly message: string;
};

/** Runs git in a folder. */
export type Git = (folder: string, ...args: readonly string[]) => Promise<Result<string, GitError>>;

/** Variables that a git hook or wrapper around us may have set, and that would select another repository. */
const repositoryVariables = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];

/**
 * Options that keep git from running the folder's own programs, since the folder may not be trusted yet: hooks after a
 * checkout, and a file monitor. `foreignCode` finds the programs that no option turns off.
 */
const quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

/** Maximum time for git, ms: a checkout of a large repository needs minutes, a dead mount blocks forever. */
const maxMs = 300_000;

/** Runs git with the caller's environment. It never prompts, and its messages are in English. */
export const gitOf = (env: Environment): Git => {
  const own = Object.entries(env).filter(([name]) => !repositoryVariables.includes(name));
  const full = { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  return (folder, ...args) =>
    new Promise((resolve) => {
      const limits = { env: full, timeout: maxMs, maxBuffer: 64 * 1024 * 1024 };
      execFile("git", ["-C", folder, ...quiet, ...args], limits, (error, stdout, stderr) => {
        if (error === null) resolve(ok(stdout.trimEnd()));
        else if (error.code === "ENOENT")
          resolve(fail({ code: "git-missing", message: "git is not installed, or not on PATH" }));
        else if (error.killed === true)
          resolve(fail({ code: "git-timeout", message: `git took longer than ${maxMs / 1000} s` }));
        else resolve(fail({ code: "git-failed", message: stderr.trim() || error.message }));
      });
    });
};
