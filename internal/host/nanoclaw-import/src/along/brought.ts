import type { CopyOptions } from "../folder/copy-folder.ts";

/** An imported conversation, skill or memory. */
export type Brought = {
  /** Its path in the nanoclaw folder. */
  readonly what: string;
  /** The number of files. */
  readonly files: number;
  /** A part of a sentence: its new place, and its effect there. */
  readonly now: string;
};

/** A part that was not imported, as in the report. */
export type Left = { readonly what: string; readonly count: number; readonly why: string };

export type Along = { readonly brought: readonly Brought[]; readonly left: readonly Left[] };

/** The source and the target of copies. */
export type AlongPlace = CopyOptions & {
  /** The nanoclaw folder. */
  readonly folder: string;
  /** The folder in which the groups' folders are kept until their rows are saved. */
  readonly staging: string;
  readonly dataDir: string;
  /** ISO 8601, UTC. */
  readonly now: string;
};
