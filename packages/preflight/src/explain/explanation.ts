import type { AgentCli } from "../providers/agent-clis.ts";
import type { Code, Verdict } from "../verdict.ts";

export type Explanation = { readonly message: string; readonly fix?: string };

/** Names that a sentence may use beside the facts of the verdict. */
export type Place = {
  readonly workspace: string;
  readonly cli: AgentCli;
  /** The command that starts the CLI by hand, if it is not the CLI's name on PATH. */
  readonly startedAs?: string | undefined;
};

/** The verdicts with these codes. */
export type VerdictOf<C extends Code> = Extract<Verdict, { readonly code: C }>;

export const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`;
