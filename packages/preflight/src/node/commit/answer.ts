import type { Code, Diagnostic } from "../../index.ts";
import type { StrayKeys } from "../../stray-keys.ts";
import type { PendingGroup } from "../plan/strategy.ts";

/** Folders for which a key that confirms was pressed, and what became trusted besides while their turn lasted. */
export type Answer = {
  readonly group: PendingGroup;
  readonly commit: {
    /** Records the outcome, if the consent was recorded. */
    close(code: Code, unplanned: readonly string[]): Promise<readonly Diagnostic[]>;
  };
  readonly stray: StrayKeys;
};
