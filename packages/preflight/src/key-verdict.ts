import {
  doubtOf,
  explainDoubt,
  isAtOrBelow,
  isRootPath,
  keyOf,
  type Platform,
  type WorkspacePaths,
} from "@trust/claude-state-probe";
import { whyOutside } from "./explain/refused.ts";
import type { Verdict } from "./verdict.ts";

type Places = Pick<WorkspacePaths, "real" | "gitRoot" | "home" | "doubt" | "readSoSince">;

/**
 * The verdict if trust may not be recorded under this key; null if it may. A dotfiles repository makes the home folder
 * the key of every folder in it; an unconfirmed `.git` can make any folder the key. `cliVersion` is Claude Code's;
 * without it the rules of the newest version apply.
 */
export const keyVerdict = (
  key: string,
  paths: Places,
  { platform, cliVersion }: { readonly platform: Platform; readonly cliVersion?: string | undefined },
): Verdict | null => {
  const { home } = paths;
  if (isRootPath(key, platform)) return { code: "root-refused", key };
  if (isAtOrBelow(home, key, platform)) {
    const isHome = isAtOrBelow(key, home, platform);
    return { code: isHome ? "home-not-persistable" : "root-refused", key };
  }
  const doubt = doubtOf(paths, keyOf(key, platform), { cliVersion, platform });
  if (doubt === null) return null;
  const known = ["pointer-unreadable", "odd-pointer", "read-otherwise"].includes(doubt.code) ? null : key;
  return { code: "key-outside-folder", key: known, why: whyOutside(known, explainDoubt(doubt)) };
};
