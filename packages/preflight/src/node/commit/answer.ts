import type { Code, Diagnostic } from "../../index.ts";
import type { StrayKeys } from "../../trust-keys.ts";
import type { PendingGroup } from "../plan/strategy.ts";

/** Folders whose confirming key was sent, and the other keys that became trusted during their turn. */
export type Answer = {
  readonly group: PendingGroup;
  readonly commit: {
    /** Records the outcome, if the consent was recorded. */
    close(code: Code, unplanned: readonly string[]): Promise<readonly Diagnostic[]>;
  };
  readonly stray: StrayKeys;
};
