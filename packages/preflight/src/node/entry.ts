import type { PlannedFolder, Verdict } from "../index.ts";
import type { Attempt } from "../result-of.ts";

/** A folder on its way to a result; updated as the batch goes on. */
export type Entry = {
  folder: PlannedFolder;
  /** Null while the folder is open. */
  verdict: Verdict | null;
  attempt: Attempt | null;
  /** How many times its trust was on disk and then lost. */
  losses: number;
};
