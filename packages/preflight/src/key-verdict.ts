import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { Verdict } from "./verdict.ts";

/** A dotfiles repository makes the home folder the key of everything in it. */
export const keyVerdict = (key: string, { home }: Pick<WorkspacePaths, "home">): Verdict | null => {
  if (key === home) return { code: "home-not-persistable", key };
  return home.startsWith(key.endsWith("/") ? key : `${key}/`) ? { code: "root-refused", key } : null;
};
