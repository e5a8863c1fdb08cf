import type { ConfigProblem } from "../config-error.ts";
import type { Scope } from "../choices.ts";

/** A group that got its configuration. */
export type Backfilled = {
  readonly groupId: string;
  readonly folder: string;
  /** `defaults` if the group's folder has no `container.json`. */
  readonly from: "file" | "defaults";
  readonly scope: Scope;
  /** The scope would be `global` if it were certain that only owners write to the group. */
  readonly inDoubt: boolean;
  /** Only owners write to the group, but it keeps a scope narrower than `global`. */
  readonly capped: boolean;
  /** Unknown keys of the file. */
  readonly ignored: readonly string[];
  /** A problem for each entry of the file, or the provider, that was not taken. */
  readonly refused: readonly ConfigProblem[];
  /** Settings from the file that reach out of the container, or decide what runs in it. */
  readonly reach: readonly string[];
  /** Commands that apply the settings a person must decide: the agent may have written the file. */
  readonly left: readonly string[];
};

/** A group that got no configuration, because its file or provider is refused. */
export type BrokenConfig = {
  readonly groupId: string;
  readonly folder: string;
  readonly problems: readonly ConfigProblem[];
};

/** The result of a backfill. Groups that had a configuration are left out. */
export type BackfillReport = {
  readonly backfilled: readonly Backfilled[];
  readonly broken: readonly BrokenConfig[];
};
