import type { FlagType } from "../commands/command.ts";

/** What is wrong with a text or a nested value before anybody asks what it means. */
export type Unsafe =
  | "not-json"
  | "reserved-key"
  | "control-character"
  | "ill-formed-text"
  | "too-long"
  | "too-deep"
  | "too-many";

/** What is wrong with the frame around a command. */
export type FrameProblem =
  | { readonly code: "frame-not-object" }
  | { readonly code: "frame-field"; readonly field: "id" | "command" | "args" };

/** What is wrong with the words. `near` are the words of a command that is at most two edits away, else of the help on those that are known. */
export type WordsProblem =
  | { readonly code: "command-unknown"; readonly name: string; readonly near: string | null }
  | { readonly code: "word-unexpected"; readonly command: string; readonly word: string }
  | { readonly code: "words-missing"; readonly command: string };

/** What is wrong with one argument. No problem holds a value, which may be a secret, except what was read as the id. */
export type ArgProblem =
  | { readonly code: "args-too-many" }
  | { readonly code: "name-malformed"; readonly name: string }
  | { readonly code: "name-twice"; readonly name: string; readonly spellings: readonly string[] }
  | { readonly code: "value-unsafe"; readonly name: string; readonly unsafe: Unsafe }
  | { readonly code: "flag-unknown"; readonly name: string; readonly near: string | null }
  | { readonly code: "flag-missing"; readonly name: string; readonly positional: boolean }
  /** Beside a flag that is missing: its value may have been typed as one word more, which is read as part of the id. */
  | { readonly code: "read-as"; readonly name: string; readonly value: string }
  | { readonly code: "flag-repeated"; readonly name: string }
  | { readonly code: "value-missing"; readonly name: string }
  | { readonly code: "value-type"; readonly name: string; readonly type: FlagType }
  | { readonly code: "value-not-listed"; readonly name: string; readonly values: readonly string[] }
  | {
      readonly code: "value-out-of-range";
      readonly name: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly code: "nothing-to-change"; readonly flags: readonly string[] };

/** What happens on the way of a good command. */
export type CallProblem =
  | { readonly code: "no-such-row"; readonly resource: string; readonly id: string }
  | { readonly code: "no-such-help"; readonly words: string }
  | { readonly code: "no-such-group"; readonly id: string }
  | { readonly code: "approval-pending"; readonly command: string; readonly approvalId: string }
  | { readonly code: "act-accepted"; readonly command: string; readonly intentId: string }
  | { readonly code: "changed-since-asked"; readonly command: string }
  | { readonly code: "handler-threw"; readonly command: string };

export type Problem = FrameProblem | WordsProblem | ArgProblem | CallProblem;
