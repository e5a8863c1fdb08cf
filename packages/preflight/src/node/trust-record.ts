import type { RulePack } from "@trust/dialog-engine";
import type { Environment, Verdict } from "../index.ts";
import type { PlanContext } from "./strategy.ts";

/** What a CLI's own state says about a folder: the key of the entry that decides, and what follows from it. */
export type Recorded = { readonly key: string; readonly verdict: Verdict };

/** Where a CLI records the answers to its trust dialog, and how they are read. Nothing here writes. */
export type TrustRecord = {
  /** The file, or the folder of files, that its answers are in. */
  readonly file: (context: StateContext) => string;
  /** Reads the state, and tells what it says about folders, by their real paths; null where it says nothing. */
  readonly read: (context: StateContext) => (real: string) => Recorded | null;
  /** Files of the project that may grant something, by their names in it. */
  readonly projectFiles: readonly string[];
  readonly pack: () => Promise<RulePack>;
};

export type StateContext = Pick<PlanContext, "env" | "home">;

/** What makes these CLIs take their terminal for nobody's, or would answer for the user: it may not reach one that is to ask. */
const unaskedVariables: ReadonlySet<string> = new Set([
  ...["CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS"],
  "GEMINI_CLI_TRUST_WORKSPACE",
]);

/** An environment in which a CLI asks. */
export const askingEnv = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !unaskedVariables.has(name)));
