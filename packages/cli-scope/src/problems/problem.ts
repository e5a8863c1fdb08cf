import type { FlagType } from "../commands/command.ts";

/** A row that a value may refer to. */
export type Choice = {
  readonly id: string;
  /** Names that can be used instead of the id. They are unique, and no stranger chose them. */
  readonly names: readonly string[];
  /** A text by which a person recognises the row; null if there is only the id. */
  readonly description: string | null;
};

/** The reason to refuse a text or a nested value before its meaning is checked. */
export type Unsafe =
  | "not-json"
  | "reserved-key"
  | "control-character"
  | "ill-formed-text"
  | "too-long"
  | "too-deep"
  | "too-many";

/** A problem with the frame of a command. */
export type FrameProblem =
  | { readonly code: "frame-not-object" }
  | { readonly code: "frame-field"; readonly field: "id" | "command" | "args" };

/**
 * A problem with the words. `near` suggests a command that is at most two edits away, or else the help for
 * the words that are known.
 */
export type WordsProblem =
  | { readonly code: "command-unknown"; readonly name: string; readonly near: string | null }
  | { readonly code: "word-unexpected"; readonly command: string; readonly word: string }
  | { readonly code: "words-missing"; readonly command: string };

/**
 * A problem with one argument. It contains no value, which may be a secret, except the text read as the id.
 */
export type ArgProblem =
  | { readonly code: "args-too-many" }
  | { readonly code: "name-malformed"; readonly name: string }
  | { readonly code: "name-twice"; readonly name: string; readonly spellings: readonly string[] }
  | { readonly code: "value-unsafe"; readonly name: string; readonly unsafe: Unsafe }
  | { readonly code: "flag-unknown"; readonly name: string; readonly near: string | null }
  | { readonly code: "flag-missing"; readonly name: string; readonly positional: boolean }
  /**
   * Added to a missing flag: its value may have been typed as an extra word, which is read as part of the id.
   */
  | { readonly code: "read-as"; readonly name: string; readonly value: string }
  | { readonly code: "flag-repeated"; readonly name: string }
  | { readonly code: "value-missing"; readonly name: string }
  | { readonly code: "value-type"; readonly name: string; readonly type: FlagType }
  /** `at` counts from 0; null if the parser does not report it. `example` can be typed as it is. */
  | {
      readonly code: "json-malformed";
      readonly name: string;
      readonly at: number | null;
      readonly length: number;
      readonly example: string;
    }
  | { readonly code: "value-not-listed"; readonly name: string; readonly values: readonly string[] }
  | {
      readonly code: "value-out-of-range";
      readonly name: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly code: "nothing-to-change"; readonly flags: readonly string[] };

/** An outcome of a valid command that is not its normal reply. */
export type CallProblem =
  /** `flag` names the flag, unless the command is about this row. */
  | {
      readonly code: "no-such-row";
      readonly resource: string;
      readonly id: string;
      readonly flag?: string;
      /** Some existing rows, if the caller wrote a name. */
      readonly known?: readonly Choice[];
    }
  /** A name, or the beginning of an id, of several rows within the caller's reach. */
  | {
      readonly code: "row-ambiguous";
      readonly resource: string;
      readonly id: string;
      readonly flag?: string;
      readonly rows: readonly Choice[];
    }
  | { readonly code: "no-such-help"; readonly words: string }
  | { readonly code: "no-such-group"; readonly id: string }
  | { readonly code: "approval-pending"; readonly command: string }
  /** The operator asked with `--as-group`: nothing is held. */
  | { readonly code: "approval-simulated"; readonly command: string }
  | {
      readonly code: "act-accepted";
      readonly command: string;
      readonly intentId: string;
      /** The words of the command that shows the outcome; null if the host has none. */
      readonly lookUp: string | null;
    }
  | { readonly code: "changed-since-asked"; readonly command: string }
  | { readonly code: "handler-threw"; readonly command: string };

export type Problem = FrameProblem | WordsProblem | ArgProblem | CallProblem;
