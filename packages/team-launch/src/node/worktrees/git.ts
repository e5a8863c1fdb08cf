import { execFile } from "node:child_process";
import type { Environment } from "@trust/preflight";
import { fail, ok, type Result } from "@gatehouse/std";

/** Why git gave no answer; the message is git's own, or says what is wrong with git. */
export type GitError = {
  readonly code: "git-failed" | "git-missing" | "git-timeout";
  readonly message: string;
};

/** Runs git in a folder. */
export type Git = (folder: string, ...args: readonly string[]) => Promise<Result<string, GitError>>;

/** A repository of a caller's git hook or wrapper is not the one that is meant. */
const strange = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];

/**
 * Nothing of the folder's own is run: it may not be trusted yet. A hook that git calls after a checkout, or a
 * monitor of its files, would be. `foreignCode` finds what no option turns off.
 */
const quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

/** The longest that git may take, ms: a checkout of a large repository needs minutes, a dead mount for ever. */
const mostMs = 300_000;

/** Git with the caller's environment. It never prompts, and its messages are in English. */
export const gitOf = (env: Environment): Git => {
  const own = Object.entries(env).filter(([name]) => !strange.includes(name));
  const full = { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  return (folder, ...args) =>
    new Promise((resolve) => {
      const limits = { env: full, timeout: mostMs, maxBuffer: 64 * 1024 * 1024 };
      execFile("git", ["-C", folder, ...quiet, ...args], limits, (error, stdout, stderr) => {
        if (error === null) resolve(ok(stdout.trimEnd()));
        else if (error.code === "ENOENT")
          resolve(fail({ code: "git-missing", message: "git is not installed, or not on PATH" }));
        else if (error.killed === true)
          resolve(fail({ code: "git-timeout", message: `git took longer than ${mostMs / 1000} s` }));
        else resolve(fail({ code: "git-failed", message: stderr.trim() || error.message }));
      });
    });
};
