import { doubtOf, explainDoubt, type WorkspacePaths } from "@trust/claude-state-probe";
import { whyOutside } from "./explain/refused.ts";
import type { Verdict } from "./verdict.ts";

type Places = Pick<WorkspacePaths, "real" | "gitRoot" | "home" | "doubt" | "readSoSince">;

/**
 * Why trust may not be recorded under this key. A dotfiles repository makes the home folder the key of every
 * folder in it; a `.git` that nothing confirms can make any folder the key. `cliVersion` is Claude Code's;
 * without it the rules of the newest version apply.
 */
export const keyVerdict = (key: string, paths: Places, cliVersion?: string): Verdict | null => {
  const { home } = paths;
  if (key === home) return { code: "home-not-persistable", key };
  if (home.startsWith(key.endsWith("/") ? key : `${key}/`)) return { code: "root-refused", key };
  const doubt = doubtOf(paths, key, { cliVersion });
  if (doubt === null) return null;
  const known = ["pointer-unreadable", "odd-pointer", "read-otherwise"].includes(doubt.code) ? null : key;
  return { code: "key-outside-folder", key: known, why: whyOutside(known, explainDoubt(doubt)) };
};
