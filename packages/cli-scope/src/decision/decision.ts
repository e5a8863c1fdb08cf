import type { Actor } from "./actor.ts";
import type { Args } from "../commands/command.ts";
import type { ErrorCode } from "../wire/frame.ts";

/** What may happen, and by which rule. `args` are what the handler would get: own group and wiring filled in. */
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

/** One line of the decision log. No value of an argument is in it. */
export type DecisionEntry = {
  readonly actor: Actor;
  readonly command: string;
  readonly flags: readonly string[];
  readonly effect: Decision["effect"];
  readonly ruleId: string;
  readonly reason: string;
};

/** A command that waits for a person: bound to these arguments and this actor. */
export type HeldCommand = {
  readonly actor: Extract<Actor, { type: "agent" }>;
  /** The words of the command. */
  readonly command: string;
  readonly args: Args;
  /** The same without the values of secret flags: what a person is shown. */
  readonly shown: Args;
  /** What it would do, as the command says it; null if its arguments tell all. A person is shown it as well. */
  readonly consequence: readonly string[] | null;
  /** Command and arguments as one text, equal exactly for equal commands; the host hashes it. */
  readonly canonical: string;
};
