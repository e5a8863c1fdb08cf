import type { PlannedFolder, Verdict } from "../index.ts";
import type { Attempt } from "../result-of.ts";

/** A folder and its result so far. The run updates it. */
export type Entry = {
  folder: PlannedFolder;
  /** Null while the folder is open. */
  verdict: Verdict | null;
  attempt: Attempt | null;
  /** How many times its trust was confirmed and not on disk afterwards. */
  losses: number;
};
