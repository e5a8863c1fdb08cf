import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { RulePack } from "@trust/dialog-engine";
import type { Environment, Result, Verdict } from "../../index.ts";
import type { ProjectFile } from "../../grants/project-grants.ts";
import type { PlanContext } from "../plan/strategy.ts";

/** What a CLI's own state says about a folder: the key of the entry that decides, and what follows from it. */
export type TrustEntry = { readonly key: string; readonly verdict: Verdict };

/** Where a CLI records the answers to its trust dialog, and how they are read. Nothing here writes. */
export type TrustStore = {
  /** The file, or the folder of files, that its answers are in. */
  readonly file: (context: StateContext) => string;
  /** Reads the state, and tells what it says about folders; null where it says nothing. */
  readonly read: (context: StateContext) => (paths: WorkspacePaths) => TrustEntry | null;
  /** Every folder that it says is trusted, or why it cannot be read. */
  readonly trustedKeys: (context: StateContext) => Result<readonly string[], string>;
  /** The key that an answer given in the folder is recorded under. */
  readonly keyOf: (paths: WorkspacePaths) => string;
  /** The files of the project that grant something once it is trusted. */
  readonly projectFiles: (paths: WorkspacePaths) => readonly ProjectFile[];
  /** As in `PromptedCli`. */
  readonly runsAlone?: true;
  readonly pack: () => Promise<RulePack>;
};

export type StateContext = Pick<PlanContext, "env" | "home">;

/** What makes these CLIs take their terminal for nobody's, or would answer for the user: it may not reach one that is to ask. */
const unaskedVariables: ReadonlySet<string> = new Set([
  ...["CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS"],
  "GEMINI_CLI_TRUST_WORKSPACE",
  // With it Copilot opens a folder that nobody trusts without asking (1.0.102).
  "COPILOT_ALLOW_ALL",
]);

/** An environment in which a CLI asks. */
export const askingEnv = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !unaskedVariables.has(name)));
