import type { AgentCli } from "../providers/agent-clis.ts";
import type { Code } from "../statuses.ts";
import type { Verdict } from "../verdict.ts";

export type Explanation = { readonly message: string; readonly fix?: string };

/** What a sentence may name beside the verdict's own facts. */
export type Place = {
  readonly workspace: string;
  readonly cli: AgentCli;
  /** The command that starts the CLI by hand, where its name on PATH does not. */
  readonly startedAs?: string | undefined;
};

/** The verdicts with these codes. */
export type VerdictOf<C extends Code> = Extract<Verdict, { readonly code: C }>;

export const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`;
