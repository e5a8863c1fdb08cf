import type { CopyOptions } from "../folder/copy-folder.ts";

/** Something that came along beside the rows and the folders of the groups. */
export type Brought = {
  /** Its path in the nanoclaw folder. */
  readonly what: string;
  /** How many files it is. */
  readonly files: number;
  /** A sentence part: where it is now, and what it does there. */
  readonly now: string;
};

/** Something that stayed, as in the report. */
export type Left = { readonly what: string; readonly count: number; readonly why: string };

export type Along = { readonly brought: readonly Brought[]; readonly left: readonly Left[] };

/** From where, and to where. */
export type AlongPlace = CopyOptions & {
  /** The nanoclaw folder. */
  readonly folder: string;
  /** Where the groups' folders wait until their rows are saved. */
  readonly staging: string;
  readonly dataDir: string;
  /** ISO 8601, UTC. */
  readonly now: string;
};
