import type { Settings } from "@nc/container-config";

/** A group whose creation was acknowledged. */
export type KnownGroup = {
  readonly id: string;
  readonly folder: string;
  /** All names that were requested for it, in order. Its name is one of them, from index `sure` on. */
  readonly names: string[];
  /** The index of the newest acknowledged name. */
  sure: number;
  /** `leaving`: its deletion was requested and not acknowledged. */
  fate: "kept" | "leaving" | "gone";
  readonly members: Set<string>;
};

/** An acknowledged change of a configuration: this generation has it from then on. */
export type Saved = {
  readonly groupId: string;
  readonly generation: number;
  readonly what: string;
  readonly isIn: (settings: Settings) => boolean;
};

/** The answers that the clients got, from all hosts of a data folder. */
export type Journal = {
  readonly groups: KnownGroup[];
  readonly saved: Saved[];
  /** The ids of approvals that an agent got in an answer. */
  readonly held: Set<string>;
  /** The number of answers that an approval was run, by its id. */
  readonly approved: Map<string, number>;
  /** The number of `ok` answers to the operator's commands, by the command's words. */
  readonly answered: Map<string, number>;
  /** The commands that were refused because the database's server was away: the new name in each, or null. */
  readonly refused: (string | null)[];
  /** Wrong answers. */
  readonly problems: string[];
};

export const newJournal = (): Journal => ({
  groups: [],
  saved: [],
  held: new Set(),
  approved: new Map(),
  answered: new Map(),
  refused: [],
  problems: [],
});

export const countUp = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);
