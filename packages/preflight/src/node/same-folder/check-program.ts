import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { folderChanging, unknownCwd } from "../../diagnostic-messages.ts";
import type { Diagnostic, PendingFolder, Verdict } from "../../index.ts";
import { wrongFolderVerdict } from "./replaced-verdict.ts";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import { systemCode } from "@gatehouse/std";

/** The last check before an answer: the verdict if the answer must not be given, and the checks that were not possible. */
export type FinalCheck = () => Promise<{
  readonly verdict: Verdict | null;
  readonly diagnostics: readonly Diagnostic[];
}>;

/** A started program, and the `keyStamp` of its folder from right before the start. */
export type Started = { readonly pid: number; readonly stamp: string };

/** Checks that a program works in the planned folder, and that nothing was written there since its start. */
export const checkProgram =
  (folder: PendingFolder, { pid, stamp }: Started): FinalCheck =>
  async () => {
    const { verdict, isUnknown } = await wrongFolderVerdict(pid, folder);
    const diagnostics: readonly Diagnostic[] = isUnknown
      ? [{ code: "cwd-unknown", message: unknownCwd }]
      : [];
    return { verdict: verdict ?? movedVerdict(folder, stamp), diagnostics };
  };

/** The verdict if the folder's entries no longer match the stamp; null if they do. */
export const movedVerdict = ({ paths }: PendingFolder, stamp: string): Verdict | null =>
  keyStamp(paths) === stamp
    ? null
    : { code: "key-outside-folder", key: null, why: folderChanging, isReplaced: true };

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
