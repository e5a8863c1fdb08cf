import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { systemCode } from "@gatehouse/std";

/** An entry with the time of its last change of any kind (ctime, which no program can set); `-` where there is none. */
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
 * What differs after an entry of the folder, of its repository's root or of one between was made, renamed or removed, also
 * where all is as before by then: Claude Code 2.1.328 looks for the root once, when it starts, and remembers it.
 */
export const keyStamp = ({ real, gitRoot }: Pick<WorkspacePaths, "real" | "gitRoot">): string => {
  const stamps: string[] = [];
  for (let at = real; ; at = dirname(at)) {
    stamps.push(stampOf(at), stampOf(join(at, ".git")));
    if (gitRoot === null || at === gitRoot || at === dirname(at)) return stamps.join(" ");
  }
};
