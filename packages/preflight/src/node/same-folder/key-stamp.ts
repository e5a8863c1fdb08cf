import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { systemCode } from "@gatehouse/std";

/** An entry and the time of its last change of any kind (ctime, which no program can set); `-` if it does not exist. */
const stampOf = (path: string): string => {
  try {
    const { dev, ino, ctimeNs } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}:${ctimeNs}`;
  } catch (error) {
    systemCode(error);
    return "-";
  }
};

/**
 * A stamp that changes if an entry of the folder, of its repository's root or of a folder between them is made, renamed
 * or removed, even if that is undone later: Claude Code 2.1.328 determines the root once, at its start, and remembers
 * it.
 */
export const keyStamp = ({ real, gitRoot }: Pick<WorkspacePaths, "real" | "gitRoot">): string => {
  const stamps: string[] = [];
  for (let at = real; ; at = dirname(at)) {
    stamps.push(stampOf(at), stampOf(join(at, ".git")));
    if (gitRoot === null || at === gitRoot || at === dirname(at)) return stamps.join(" ");
  }
};
