import type { Settings } from "@nc/container-config";

/** A group whose making was answered. */
export type KnownGroup = {
  readonly id: string;
  readonly folder: string;
  /** Every name it was given or asked to be given, in order; the host may stand at any from `sure` on. */
  readonly names: string[];
  sure: number;
  /** `leaving`: to be deleted, and not answered. */
  fate: "kept" | "leaving" | "gone";
  readonly members: Set<string>;
};

/** A change of a configuration that was answered: it is in that generation for ever. */
export type Saved = {
  readonly groupId: string;
  readonly generation: number;
  readonly what: string;
  readonly isIn: (settings: Settings) => boolean;
};

/** What the clients were told, over all lives of a host. */
export type Journal = {
  readonly groups: KnownGroup[];
  readonly saved: Saved[];
  /** The approvals that an agent was told of. */
  readonly held: Set<string>;
  /** By the approval's id: how often somebody was told that it was run. */
  readonly approved: Map<string, number>;
  /** How often a command was answered with ok, by its words; all by the operator. */
  readonly answered: Map<string, number>;
  /** What was asked for and refused because the database's server was away: the new name in it, or none. */
  readonly refused: (string | null)[];
  /** Answers that nobody should get. */
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
