import type { Actor } from "./actor.ts";
import type { Args } from "../commands/command.ts";
import type { ErrorCode } from "../wire/frame.ts";

/**
 * The outcome of the rules, and the rule that decided. `args` are the arguments for the handler, with own
 * group and wiring filled in.
 */
export type Decision =
  | {
      readonly effect: "allow" | "approve";
      readonly ruleId: string;
      readonly reason: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly warnings: readonly string[];
    }
  | {
      readonly effect: "deny";
      readonly ruleId: string;
      readonly reason: string;
      readonly code: Extract<ErrorCode, "forbidden" | "permission-denied">;
    };

/** One line of the decision log. `args`: the values by flag, as `recordedArgs` gives them. */
export type DecisionEntry = {
  readonly actor: Actor;
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly effect: Decision["effect"];
  readonly ruleId: string;
  readonly reason: string;
};

/** A command that waits for a person. It is bound to these arguments and this actor. */
export type HeldCommand = {
  readonly actor: Extract<Actor, { type: "agent" }>;
  /** The words of the command. */
  readonly command: string;
  /** Everything that the agent typed. A person is shown all of it. */
  readonly args: Args;
  /** The effects of the command, to show to a person; null if its arguments are enough. */
  readonly consequence: readonly string[] | null;
  /** Further lines to show to a person; null for none. */
  readonly preview: readonly string[] | null;
  /** Command and arguments as one text, equal if and only if the commands are equal. The host hashes it. */
  readonly canonical: string;
};
