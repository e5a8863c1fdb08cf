import { restless, unknownCwd } from "../../explain/look.ts";
import type { Diagnostic, PendingFolder, Verdict } from "../../index.ts";
import { keyStamp } from "./key-stamp.ts";
import { elsewhereVerdict } from "./replaced-verdict.ts";

/** The last check before an answer: why it must not be given, and which checks were not possible. */
export type LastLook = () => Promise<{
  readonly verdict: Verdict | null;
  readonly diagnostics: readonly Diagnostic[];
}>;

/** A started program, and the `keyStamp` of its folder from right before the start. */
export type Started = { readonly pid: number; readonly stamp: string };

/** Checks that a program works in the planned folder, and that nothing was written there since its start. */
export const programLook =
  (folder: PendingFolder, { pid, stamp }: Started): LastLook =>
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
