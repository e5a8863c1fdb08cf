import { restless, unknownCwd } from "../../explain/look.ts";
import type { Diagnostic, PendingFolder, Verdict } from "../../index.ts";
import { keyStamp } from "./key-stamp.ts";
import { elsewhereVerdict } from "./replaced-verdict.ts";

/** The last look before an answer: why it must not be given, and what could not be looked at. */
export type LastLook = () => Promise<{
  readonly verdict: Verdict | null;
  readonly diagnostics: readonly Diagnostic[];
}>;

/** A program that was started, and the `keyStamp` of its folder from right before. */
export type Started = { readonly pid: number; readonly stamp: string };

/** Looks whether a program works in the folder that was planned, and whether anything was written there since its start. */
export const programLook =
  (folder: PendingFolder, { pid, stamp }: Started): LastLook =>
  async () => {
    const { verdict, isUnknown } = await elsewhereVerdict(pid, folder);
    const diagnostics: readonly Diagnostic[] = isUnknown
      ? [{ code: "cwd-unknown", message: unknownCwd }]
      : [];
    return { verdict: verdict ?? movedVerdict(folder, stamp), diagnostics };
  };

/** Why the folder's entries are not those of the stamp; null where they are. */
export const movedVerdict = ({ paths }: PendingFolder, stamp: string): Verdict | null =>
  keyStamp(paths) === stamp
    ? null
    : { code: "key-outside-folder", key: null, why: restless, isReplaced: true };
