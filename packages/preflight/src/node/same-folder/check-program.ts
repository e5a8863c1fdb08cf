import { restless, unknownCwd } from "../../explain/diagnostics.ts";
import type { Diagnostic, PendingFolder, Verdict } from "../../index.ts";
import { keyStamp } from "./key-stamp.ts";
import { elsewhereVerdict } from "./replaced-verdict.ts";

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
    const { verdict, isUnknown } = await elsewhereVerdict(pid, folder);
    const diagnostics: readonly Diagnostic[] = isUnknown
      ? [{ code: "cwd-unknown", message: unknownCwd }]
      : [];
    return { verdict: verdict ?? movedVerdict(folder, stamp), diagnostics };
  };

/** The verdict if the folder's entries no longer match the stamp; null if they do. */
export const movedVerdict = ({ paths }: PendingFolder, stamp: string): Verdict | null =>
  keyStamp(paths) === stamp
    ? null
    : { code: "key-outside-folder", key: null, why: restless, isReplaced: true };
