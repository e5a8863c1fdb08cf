import { ok, type Result } from "@gatehouse/std";
import type { Git, GitError } from "./git.ts";

/**
 * Keys of a repository's configuration that make a checkout run programs: filters, and the transport that fetches the
 * missing objects of a partial clone. A conditional include could add such keys only for the worktree.
 */
const runsCode =
  /^(filter\..*|includeif\..*|remote\..*\.(promisor|partialclonefilter)|extensions\.partialclone)$/s;

/**
 * The first key of a repository's own configuration that could make a checkout run a program; null if there is none.
 * Filters in the account's own configuration are the account's choice.
 */
export const foreignCode = async (git: Git, folder: string): Promise<Result<string | null, GitError>> => {
  const listed = await git(folder, "config", "--list", "--show-scope", "--name-only", "-z");
  if (!listed.ok) return listed;
  const words = listed.value.split("\0");
  const found = words.find(
    (name, at) => (words[at - 1] === "local" || words[at - 1] === "worktree") && runsCode.test(name),
  );
  return ok(found ?? null);
};
