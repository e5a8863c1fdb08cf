import type { ConfigProblem } from "../config-error.ts";
import type { Scope } from "../scope.ts";

/** A group that got its configuration. */
export type Backfilled = {
  readonly groupId: string;
  readonly folder: string;
  /** `defaults` where the group's folder has no `container.json`. */
  readonly from: "file" | "defaults";
  readonly scope: Scope;
  /** It would be `global` if it were certain that only owners write to it. */
  readonly inDoubt: boolean;
  /** Only owners write to it, but it had a narrower scope than `global`, which it keeps. */
  readonly capped: boolean;
  /** Keys of the file that mean nothing here. */
  readonly ignored: readonly string[];
  /** What it took from the file that reaches out of the container, or decides what runs in it. */
  readonly reach: readonly string[];
  /** The commands that would take what the file says and only a person decides: its agent may have written it. */
  readonly left: readonly string[];
};

/** A group that has none yet: what it has cannot be used as it is. */
export type BrokenConfig = {
  readonly groupId: string;
  readonly folder: string;
  readonly problems: readonly ConfigProblem[];
};

/** What a backfill did. Groups that had a configuration are not in it. */
export type BackfillReport = {
  readonly backfilled: readonly Backfilled[];
  readonly broken: readonly BrokenConfig[];
};
